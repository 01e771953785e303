//! Commits that weren't written in UTF-8.

use crate::support::Sandbox;

#[test]
fn names_and_messages_are_read_in_the_encoding_of_their_commit() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && cd .octopus && echo 'version = 14' > schema_version.ocl
         printf 'variable \"a\" {\\n}\\n' > variables.ocl && git add . && git commit -qm one
         printf 'variable \"b\" {\\n}\\n' >> variables.ocl && printf 'Gr\\xf6\\xdfe\\n' > ../message
         export GIT_AUTHOR_NAME=$(printf 'J\\xfcrg')
         git -c i18n.commitEncoding=ISO-8859-1 commit -qaF ../message
         printf 'variable \"c\" {\\n}\\n' >> variables.ocl && printf '\\x93\\xfa\\x96{\\n' > ../message
         export GIT_AUTHOR_NAME=$(printf '\\x93\\xfa')
         git -c i18n.commitEncoding=Shift_JIS commit -qaF ../message",
    );
    let query = "SELECT author, subject FROM commits ORDER BY subject";
    for command in [
        &["log", "main", "variables"][..],
        &["blame", "main", "variables"],
        &["query", query],
    ] {
        for told in [
            repo.run_plain(command),
            repo.run_plain(&[&["--format", "json"], command].concat()),
        ] {
            let messages = ["Gr\u{f6}\u{df}e", "\u{65e5}\u{672c}"];
            // Blame tells no message.
            let messages = messages.into_iter().filter(|_| command[0] != "blame");
            for text in messages.chain(["J\u{fc}rg", "\u{65e5}"]) {
                assert!(told.contains(text), "{command:?} {text}\n{told}");
            }
            assert!(!told.contains('\u{fffd}'), "{told}");
        }
    }
    let told = repo.run_plain(&["explain", "main~", "variables"]);
    assert!(!told.contains('\u{fffd}'), "{told}");
}
