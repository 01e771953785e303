//! What is noted of names that stand more than once.

use std::collections::HashMap;

use crate::ocl::doubled::DoubledName;

/// The nodes of a document whose names occur more than once, as they were when it was parsed.
#[derive(Debug)]
pub(in crate::ocl) struct Doubled {
    /// By node, its group.
    pub(in crate::ocl) groups: HashMap<u32, usize>,
    /// By group, what is reported. Where there are very many, the last ones are worked out on demand.
    pub(in crate::ocl) names: Vec<DoubledName>,
}
