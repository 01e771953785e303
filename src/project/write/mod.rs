//! Writing: drafts of a change, and committing them so that Git and the store agree.

pub(crate) mod adopt;
pub(crate) mod commit;
pub(crate) mod draft;
pub(crate) mod draft_error;
pub(crate) mod draft_warning;
pub(crate) mod effect;
pub(crate) mod emptied;
pub(crate) mod merge;
pub(crate) mod merged_in;
pub(crate) mod new_branch;
pub(crate) mod paths;
pub(crate) mod rename_thing;
pub(crate) mod restore;
pub(crate) mod run_effects;
pub(crate) mod settle;
pub(crate) mod settled;
