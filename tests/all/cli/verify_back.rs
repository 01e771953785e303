//! `verify` and the way back: what undoes a step is held to its cases, and the snapshots go down and up again.

use super::verify::Copy;

const WIDTH: &str = "0006_width/step.hcl";
const AFTER: &str = "convert = { width = \"${value}px\" }\n  }\n}\n";

/// The catalog with a way back for the step of the widths.
fn with_down(body: &str) -> Copy {
    Copy::new().edit(WIDTH, AFTER, &format!("{AFTER}\ndown {{\n{body}}}\n"))
}

const RIGHT: &str =
    "  in \"size\" {\n    convert = { width = tonumber(trimsuffix(value, \"px\")) }\n  }\n";

#[test]
fn a_step_that_is_undone_as_its_cases_say() {
    insta::assert_snapshot!(with_down(RIGHT).verify(), @"
    --- stdout
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: sound
    --- exit 0
    ");
}

#[test]
fn a_step_that_gives_something_else_back() {
    let copy = with_down(&RIGHT.replace("tonumber(", "1 + tonumber("));
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[way_back] step 6 width (0006_width/step.hcl): 0006_width/cases/size: undoing the step on `after.ocl` doesn't restore the values of `before.ocl`: fix its `down`, or write the right result into `down.ocl`
    diff --git a/before.ocl b/before.ocl
    --- a/before.ocl
    +++ b/before.ocl
    @@ -1,4 +1,4 @@
     size {
         height = 1
    -    width = 10
    +    width = 11
     }
    error[way_back] v6 down to v5: fizz: step 6 width can't carry size[0].width down: it is "10px", and would come back as "11px"; fix the step's `down`, or state the place under `set_aside` in server.hcl
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 2 errors
    --- exit 1
    "#);
}

#[test]
fn what_comes_back_may_be_said_and_then_has_to() {
    let down = "size {\n    height = 1\n    width = 11\n}\n";
    let copy = with_down(RIGHT).write("0006_width/cases/size/down.ocl", down);
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[way_back] step 6 width (0006_width/step.hcl): 0006_width/cases/size: undoing the step on `after.ocl` doesn't give `down.ocl`
    diff --git a/down.ocl b/down.ocl
    --- a/down.ocl
    +++ b/down.ocl
    @@ -1,4 +1,4 @@
     size {
         height = 1
    -    width = 11
    +    width = 10
     }
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    ");
    let copy = copy.write("0006_width/cases/size/down_error.txt", "no\n");
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[case] 0006_width/cases/size: a case has either `down.ocl` or `down_error.txt`
    error[missing_case] step 6 width (0006_width/step.hcl): it has no case: write 0006_width/cases/NAME/before.ocl, and after.ocl or error.txt
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 6: 5 cases, 4 snapshots, 23 migrations, 9 downgrades: 2 errors
    --- exit 1
    ");
    let copy = copy.without("0006_width/cases/size/down.ocl");
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[way_back] step 6 width (0006_width/step.hcl): 0006_width/cases/size: undoing the step on `after.ocl` should be refused with "no", but it isn't
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    "#);
}

#[test]
fn a_case_about_the_way_back_alone() {
    let by_hand = "size {\n    width = \"wide\"\n}\n";
    let down = "  in \"size\" {\n    in \"\" {\n      when = self.width == \"wide\"\n      reject = \"nobody knows how wide\"\n    }\n    \
                convert = { width = tonumber(trimsuffix(value, \"px\")) }\n  }\n";
    let copy = with_down(down).write("0006_width/cases/by_hand/after.ocl", by_hand);
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[case] 0006_width/cases/by_hand/before.ocl: this file is missing
    error[unreached] step 6 width (0006_width/step.hcl:15:14): no case and no snapshot has anything for which this `when` is true
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 2 errors
    --- exit 1
    ");
    let copy = copy.write("0006_width/cases/by_hand/down_error.txt", "nobody knows\n");
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[way_back] step 6 width (0006_width/step.hcl): 0006_width/cases/by_hand: undoing the step on `after.ocl` is refused with "nobody knows how wide (at size)", but `down_error.txt` states "nobody knows"
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 6: 7 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    "#);
    let copy = copy.write(
        "0006_width/cases/by_hand/down_error.txt",
        "nobody knows how wide (at size)\n",
    );
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 6: 7 cases, 4 snapshots, 23 migrations, 9 downgrades: sound
    --- exit 0
    ");
}

#[test]
fn what_can_not_go_down_has_to_be_said() {
    // A lead that the step may have written is taken away, and nobody else's comes back in its place.
    let lead = "default = { lead = coalesce(self.members[0], \"-\") }\n}\n";
    let down = "\ndown {\n  remove = [\"lead\"]\n}\n";
    let copy = Copy::new().edit("0006_lead/step.hcl", lead, &format!("{lead}{down}"));
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[way_back] step 6 lead (0006_lead/step.hcl): 0006_lead/cases/leads_already: undoing the step on `after.ocl` doesn't restore the values of `before.ocl`: fix its `down`, or write the right result into `down.ocl`
    diff --git a/before.ocl b/before.ocl
    --- a/before.ocl
    +++ b/before.ocl
    @@ -1,2 +1 @@
    -lead = "Bob"
     members = ["Ann", "Bob"]
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    "#);
    let down = "members = [\"Ann\", \"Bob\"]\n";
    let copy = copy
        .write("0006_lead/cases/leads_already/down.ocl", down)
        .write(
            "0006_lead/cases/leads_already/case.hcl",
            "set_aside = [\"lead\", \"members\"]\n",
        );
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[way_back] step 6 lead (0006_lead/step.hcl): 0006_lead/cases/leads_already: case.hcl states under `set_aside` that members can't be migrated down, but it can
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    ");
    let copy = copy.write(
        "0006_lead/cases/leads_already/case.hcl",
        "set_aside = [\"lead\"]\n",
    );
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: sound
    --- exit 0
    ");
}

#[test]
fn a_value_of_the_snapshots_that_can_not_go_down_has_to_be_said_too() {
    let down = "size {\n    height = 1\n    width = 11\n}\n";
    let copy = with_down(&RIGHT.replace("tonumber(", "1 + tonumber("))
        .write("0006_width/cases/size/down.ocl", down)
        .write(
            "0006_width/cases/size/case.hcl",
            "set_aside = [\"size[0].width\"]\n",
        )
        .write(
            "snapshots/server.hcl",
            "set_aside = { fizz = [\"size[0].width\", \"color\"] }\n",
        );
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[way_back] snapshots/server.hcl: `set_aside` states that color of fizz can't be migrated down, but it can, or doesn't exist
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz: step 6 width can't carry size[0].width down: it is "10px", and would come back as "11px"
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    "#);
    let copy = copy.write(
        "snapshots/server.hcl",
        "set_aside = { fizz = [\"size[0].width\"] }\n",
    );
    insta::assert_snapshot!(copy.run(&["--format", "json", "verify"]), @r#"
    --- stdout
    {"format_version":1,"catalog":"fizz","server_version":6,"sound":true,"checked":{"cases":6,"snapshots":4,"migrations":23,"ways_back":9},"findings":[],"exceptions":[],"one_way":[{"version":6,"name":"lead","document":"team","reason":"`default` writes values that may also have been there before"}],"set_aside":[{"document":"fizz","version":6,"name":"width","place":"size[0].width","value":"\"10px\"","back":"\"11px\""}]}
    --- exit 0
    "#);
}

#[test]
fn a_part_of_the_way_back_that_nothing_reaches() {
    let copy = with_down(&format!(
        "{RIGHT}  in \"frame\" {{\n    remove = [\"x\"]\n  }}\n"
    ));
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[unreached] step 6 width (0006_width/step.hcl:16:3): no case and no snapshot has anything that this path selects
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    ");
}

#[test]
fn nothing_comes_back_through_a_step_that_is_one_way() {
    let copy = Copy::new().write("0006_width/cases/size/down.ocl", "size {}\n");
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[case] 0006_width/cases/size/down.ocl: the step can't be undone, so nothing comes back
    error[missing_case] step 6 width (0006_width/step.hcl): it has no case: write 0006_width/cases/NAME/before.ocl, and after.ocl or error.txt
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 5 cases, 4 snapshots, 23 migrations, 9 downgrades: 2 errors
    --- exit 1
    ");
}

/// What a remove's own text brings back goes down with the rest, and is removed again on the way up.
#[test]
fn a_text_that_a_remove_brings_back() {
    let step = |content: &str| {
        format!(
            "description = \"Fizz is gone\"\ndocument = \"fizz\"\nremove {{}}\ndown {{\n  content = <<-EOT\n    {content}\n  EOT\n}}\n"
        )
    };
    let copy = with_down(RIGHT)
        .write(
            "0007_gone/step.hcl",
            &step("size {\n      width = \"3px\"\n    }"),
        )
        .write("0007_gone/cases/first/before.ocl", "color = \"red\"\n");
    copy.run(&["snapshot"]);
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 7: 7 cases, 5 snapshots, 30 migrations, 14 downgrades: sound
    --- exit 0
    ");
    let copy = copy.write(
        "0007_gone/step.hcl",
        &step("size {\n      width = \"wide\"\n    }"),
    );
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[way_back] v7 down to v5 (0006_width/step.hcl:14:25): fizz: step 6 width (0006_width/step.hcl:14:25): tonumber: "wide" is not a number (at size.width, line 2) (and in 2 longer downgrades)
    step 6 lead is one-way: `default` writes values that may also have been there before
    fizz 1 to 7: 7 cases, 5 snapshots, 30 migrations, 14 downgrades: 1 error
    --- exit 1
    "#);
}
