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

/// What no server may do otherwise: the laws, and its tables.
macro_rules! laws_and_tables_on {
    ($server:expr) => {
        $crate::store_room::servers::tests_on! { $server; crate::store_room::servers::laws =>
            the_laws_hold,
            any_operations_keep_the_laws,
            a_project_is_renamed_with_all_it_has,
            tenants_never_see_each_others_rows,
            names_are_told_apart_byte_by_byte_and_may_be_as_long_as_they_may,
            the_largest_values_come_out_as_they_went_in,
            writers_of_one_project_wait_in_any_number,
            what_is_done_by_all_at_once_is_done_once,
            a_writer_that_waits_too_long_is_told_which_store_is_locked,
        }

        $crate::store_room::servers::tests_on! { $server; crate::store_room::servers::tables =>
            opening_makes_nothing,
            a_new_install_says_in_its_history_that_it_is_one,
            tables_of_an_older_release_are_refused_until_they_are_migrated_and_then_the_older_one_reads,
            tables_go_to_a_version_and_no_further,
            migrating_at_once_is_done_once,
            what_somebody_else_keeps_under_our_names_is_left_alone,
        }
    };
}

/// What is tested on a server that the tests may stop.
macro_rules! faults_on {
    ($server:expr) => {
        $crate::store_room::servers::tests_on! { $server; crate::store_room::servers::faults =>
            a_connection_killed_at_every_step_of_a_commit_loses_nothing,
            a_connection_cut_at_every_message_of_a_commit_loses_nothing,
            an_answer_to_commit_that_gets_lost_is_an_unknown_outcome,
            kept_connections_that_were_cut_off_are_replaced,
            a_server_stopped_the_hard_way_in_the_middle_of_commits_loses_nothing,
        }

        $crate::store_room::servers::tests_on! { $server; crate::store_room::servers::many_nodes =>
            nodes_on_a_server_that_crashes_lose_nothing_and_do_nothing_twice,
        }

        $crate::store_room::servers::tests_on! { $server; crate::store_room::servers::refusals =>
            a_wrong_password_is_told_and_never_shown,
            a_database_that_does_not_exist_or_is_dropped_in_mid_run_is_told,
            a_server_without_tls_is_refused_where_it_is_asked_for,
        }
    };
}

pub(crate) use {faults_on, laws_and_tables_on, tests_on};
