//! Names that branches can have.

use super::error::{Error, Result};

/// Checks a branch's full name, by the rules of `git check-ref-format --branch`. Returns the short name.
///
/// # Errors
/// [`Error::InvalidRefName`], saying which rule is broken.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_names_of_branches_are_taken() {
        assert_eq!(
            check_branch_name("refs/heads/feature/x").unwrap(),
            "feature/x"
        );
        for name in [
            "refs/heads/a..b",
            "refs/heads/-x",
            "refs/tags/v1",
            "main",
            "refs/heads/",
        ] {
            let error = check_branch_name(name).unwrap_err();
            assert!(
                matches!(error, Error::InvalidRefName { .. }),
                "{name}: {error}"
            );
        }
    }
}
