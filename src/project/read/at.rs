//! What was loaded.

use crate::git::{Resolved, Tip};

/// What was loaded.
#[derive(Debug, Clone, Default)]
pub(crate) struct At {
    /// `None` for a branch that begins with nothing.
    pub(crate) tip: Option<Tip>,
    pub(crate) ref_name: Option<String>,
    pub(crate) also_named: Vec<String>,
}

impl At {
    /// A commit without a name.
    pub(crate) fn commit(tip: Option<Tip>) -> At {
        At {
            tip,
            ..At::default()
        }
    }
}

impl From<Resolved> for At {
    fn from(resolved: Resolved) -> At {
        At {
            tip: Some(Tip {
                commit: resolved.commit,
                tree: resolved.tree,
            }),
            ref_name: resolved.ref_name,
            also_named: resolved.also_named,
        }
    }
}
