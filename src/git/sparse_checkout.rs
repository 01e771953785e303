//! Which files lie outside of a work tree's sparse checkout.

use std::collections::BTreeSet;

use super::checkouts::Checkout;
use super::error::UncleanFile;
use super::git_program::GitProgram;

impl GitProgram {
    /// Marks the files that a sparse checkout leaves out. None, where Git can't say so: before 2.41.
    pub(super) fn mark_outside_sparse_checkout(
        &self,
        checkout: &Checkout,
        files: &mut [UncleanFile],
    ) {
        let is_sparse = ["config", "--type=bool", "--get", "core.sparseCheckout"];
        let is_sparse = self.run(checkout, &is_sparse).unwrap_or_default();
        if is_sparse.trim_end() != "true" {
            return;
        }
        let paths: Vec<&str> = files.iter().map(|file| &*file.path).collect();
        let paths = format!("{}\0", paths.join("\0"));
        let rules = ["sparse-checkout", "check-rules", "-z"];
        let Ok(inside) = self.run_in(checkout, None, &rules, paths.as_bytes()) else {
            return;
        };
        let inside: BTreeSet<&str> = inside.split_terminator('\0').collect();
        for file in files {
            file.is_outside_sparse_checkout = !inside.contains(&*file.path);
        }
    }
}
