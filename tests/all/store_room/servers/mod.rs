//! What is tested alike on the servers of every database.

pub mod faults;
pub mod laws;
pub mod many_nodes;
pub mod refusals;
pub mod tables;

/// Tests of functions that take a server, each skipped where there is none.
macro_rules! tests_on {
    ($server:expr; $room:path => $($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                use $room as room;
                if let Some(server) = $server {
                    room::$name(server);
                }
            }
        )+
    };
}

pub(crate) use tests_on;
