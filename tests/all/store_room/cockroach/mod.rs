//! The store in CockroachDB: on a server that is named, and what it says to one said to PostgreSQL.

mod statements;

/// On PostgreSQL, to which the store speaks as to CockroachDB.
mod stand_in {
    use crate::store_room::servers::tests_on;
    use crate::support::cockroach::stand_in;

    tests_on! { stand_in(); crate::store_room::servers::laws =>
        the_laws_hold,
        a_project_is_renamed_with_all_it_has,
        tenants_never_see_each_others_rows,
        names_are_told_apart_byte_by_byte_and_may_be_as_long_as_they_may,
        writers_of_one_project_wait_in_any_number,
        what_is_done_by_all_at_once_is_done_once,
        a_writer_that_waits_too_long_is_told_which_store_is_locked,
    }

    tests_on! { stand_in(); crate::store_room::servers::tables =>
        opening_makes_nothing,
        a_new_install_says_in_its_history_that_it_is_one,
        tables_of_an_older_release_are_refused_until_they_are_migrated_and_then_the_older_one_reads,
        tables_go_to_a_version_and_no_further,
        migrating_at_once_is_done_once,
        what_somebody_else_keeps_under_our_names_is_left_alone,
    }

    tests_on! { stand_in(); crate::store_room::servers::faults =>
        a_connection_killed_at_every_step_of_a_commit_loses_nothing,
        an_answer_to_commit_that_gets_lost_is_an_unknown_outcome,
        kept_connections_that_were_cut_off_are_replaced,
    }
}

/// On the server that is named.
mod named {
    use crate::support::cockroach::cockroach;

    crate::store_room::servers::laws_and_tables_on!(cockroach());
}
