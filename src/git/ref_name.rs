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

/// Checks that a branch which is to be made can be named by its short name: Git takes some for something else, and then the branch
/// is there and can't be reached.
///
/// # Errors
/// [`Error::InvalidRefName`], saying what Git takes the name for.
pub(crate) fn check_new_branch_name(full_name: &str) -> Result<()> {
    let short = check_branch_name(full_name)?;
    let is_hex = short.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_head = || {
        let letters = short.strip_suffix("_HEAD")?;
        let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
        letters.bytes().all(is_capital).then_some(())
    };
    let taken_for = match short {
        "@" | "HEAD" => "the branch that is checked out",
        _ if is_hex && matches!(short.len(), 40 | 64) => "a commit's id",
        _ if is_head().is_some() => "a ref of its own, outside of the branches",
        _ => return Ok(()),
    };
    Err(Error::InvalidRefName {
        name: full_name.to_owned(),
        reason: format!("Git takes '{short}' for {taken_for}; choose another name"),
    })
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

    #[test]
    fn what_git_takes_for_something_else_is_no_name_for_a_new_branch() {
        let (id, longer) = ("0123456789abcdefABCD".repeat(2), "a".repeat(64));
        for short in ["@", "HEAD", "FETCH_HEAD", "MERGE_HEAD", &id, &longer] {
            let name = format!("refs/heads/{short}");
            let error = check_new_branch_name(&name).unwrap_err().to_string();
            assert!(
                error.contains(&format!("Git takes '{short}' for")),
                "{error}"
            );
            // A branch that somebody made all the same may be moved.
            assert!(check_branch_name(&name).is_ok());
        }
        for short in [
            "a@",
            "@a",
            "HEADS",
            "AHEAD",
            "a/HEAD",
            "my_HEAD",
            "FIX",
            "abcdef0",
            "feature/@",
        ] {
            check_new_branch_name(&format!("refs/heads/{short}")).unwrap();
        }
    }
}
