//! Names that branches can have.

use super::{Error, Result};

/// Checks a branch's full name, by the rules of `git check-ref-format --branch`. Returns the short name.
///
/// # Errors
/// [`Error::InvalidRefName`], saying which rule is broken.
///
/// ```
/// use ocl_migrate::git::check_branch_name;
/// assert_eq!(check_branch_name("refs/heads/feature/x")?, "feature/x");
/// assert!(check_branch_name("refs/heads/a..b").is_err());
/// assert!(check_branch_name("refs/tags/v1").is_err());
/// # Ok::<(), ocl_migrate::git::Error>(())
/// ```
pub(crate) fn check_branch_name(full_name: &str) -> Result<&str> {
    let invalid = |reason: String| Error::InvalidRefName {
        name: full_name.to_owned(),
        reason,
    };
    let Some(short) = full_name.strip_prefix("refs/heads/") else {
        return Err(invalid("it doesn't begin with 'refs/heads/'".to_owned()));
    };
    if short.starts_with('-') {
        return Err(invalid("it begins with '-'".to_owned()));
    }
    gix::validate::reference::branch_name(full_name.into())
        .map_err(|error| invalid(error.to_string()))?;
    Ok(short)
}
