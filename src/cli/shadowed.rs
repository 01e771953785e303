//! Environments that have the name of a ref.

use crate::text;

use super::global::Global;
use super::output::Output;

/// Tells of environments that have a ref's name.
pub(super) fn warn_shadowed(global: &Global, output: &mut Output) {
    for name in global.shadowed.names() {
        output.warning(format_args!(
            "`{}` is an environment of .ocl-migrate.hcl for another commit, and a ref of this repository: the ref is read; \
             rename the environment",
            text::visible_line(&name)
        ));
    }
}
