//! What `git push --porcelain` says became of one ref.

use crate::text;

/// What became of a push.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// The remote has it, or had it already.
    Moved,
    /// The remote's ref isn't where it must be: nothing was sent.
    Stale,
    /// The remote, or Git here, refuses: why.
    Refused(String),
    /// Git doesn't tell.
    Unknown,
}

/// Reads it. Only what Git says of this very ref counts: hooks may print what they like on the other stream.
pub(super) fn pushed(stdout: &str, refspec: &str) -> Pushed {
    let found = stdout.lines().find_map(|line| {
        let (flag, rest) = line.split_once('\t')?;
        let (pushed, summary) = rest.split_once('\t')?;
        (pushed == refspec).then_some((flag, summary))
    });
    match found {
        Some((" " | "+" | "*" | "=", _)) => Pushed::Moved,
        Some(("!", "[rejected] (stale info)")) => Pushed::Stale,
        Some(("!", summary))
            if summary.starts_with("[rejected]") || summary.starts_with("[remote rejected]") =>
        {
            Pushed::Refused(text::visible_line(summary).into_owned())
        }
        // `[remote failure]`: the remote has gone without a report.
        _ => Pushed::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_is_read_from_the_line_of_the_ref() {
        let told =
            |line: &str| pushed(&format!("To /srv/x.git\n{line}\nDone\n"), "aa:refs/heads/b");
        for flag in [" ", "+", "*", "="] {
            assert_eq!(told(&format!("{flag}\taa:refs/heads/b\tx")), Pushed::Moved);
        }
        assert_eq!(
            told("!\taa:refs/heads/b\t[rejected] (stale info)"),
            Pushed::Stale
        );
        let refused = "[remote rejected] (pre-receive hook declined)";
        let refusal = Pushed::Refused(refused.into());
        assert_eq!(told(&format!("!\taa:refs/heads/b\t{refused}")), refusal);
        for line in [
            "!\taa:refs/heads/b\t[remote failure] (remote failed to report status)",
            " \taa:refs/heads/bb\tx",
            " \tcc:refs/heads/b\tx",
            " aa:refs/heads/b x",
            "-\taa:refs/heads/b\t[deleted]",
            "",
        ] {
            assert_eq!(told(line), Pushed::Unknown, "{line}");
        }
    }
}
