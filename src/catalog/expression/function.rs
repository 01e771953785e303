//! The functions by name: their signatures, and their entries in the reference.

use regex::Regex;

use super::library;
use super::value::Value;

/// A function that an expression calls.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(super) definition: &'static Definition,
    /// The compiled pattern, if the first argument is a literal.
    pub(super) pattern: Option<Regex>,
}

/// The definition of a function.
#[derive(Debug)]
pub(crate) struct Definition {
    /// How it is called: `replace(text, search, replacement)`.
    pub(crate) signature: &'static str,
    /// One sentence for the reference.
    pub(crate) summary: &'static str,
    /// An expression, and its result as JSON.
    pub(crate) example: (&'static str, &'static str),
    least: usize,
    most: Option<usize>,
    pub(super) run: Run,
}

/// How a function takes its arguments.
#[derive(Debug)]
pub(super) enum Run {
    /// All evaluated; no state.
    Plain(for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, String>),
    /// The same, with a charge for writing out the first argument.
    WritesOut(for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, String>),
    /// With a pattern as first argument.
    Pattern(for<'a> fn(&Regex, &[Value<'a>]) -> Result<Value<'a>, String>),
    /// The first argument that evaluates without error.
    Try,
    /// Whether the argument evaluates without error.
    Can,
    /// Reads a JSON text.
    Decode,
    /// Asks the server.
    Lookup,
    /// Returns a text that it hasn't returned before for this document.
    Unique,
    /// Asks for the size or the keys of the argument, which reveal nothing of the values.
    Size(for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, String>),
    /// Returns the type of the argument, which reveals nothing of its value.
    Type,
    /// Takes one argument; those behind it aren't read.
    Coalesce,
    /// Puts objects together; an entry that a later one replaces isn't read.
    Merge,
}

impl Function {
    pub(crate) fn named(name: &str) -> Option<Function> {
        let definition = FUNCTIONS.iter().find(|function| function.name() == name)?;
        Some(Function {
            definition,
            pattern: None,
        })
    }

    /// The name of every function.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.iter().map(Definition::name)
    }

    /// The minimum and maximum number of arguments.
    pub(super) fn arity(&self) -> (usize, Option<usize>) {
        (self.definition.least, self.definition.most)
    }

    pub(super) fn signature(&self) -> &'static str {
        self.definition.signature
    }

    pub(crate) fn name(&self) -> &'static str {
        self.definition.name()
    }

    /// Whether it evaluates its arguments itself, as far as it needs them.
    pub(super) fn takes_expressions(&self) -> bool {
        matches!(self.definition.run, Run::Try | Run::Can)
    }

    /// Whether it asks only for the size or the keys of its argument.
    pub(super) fn gives_a_size(&self) -> bool {
        matches!(self.definition.run, Run::Size(_))
    }

    /// Whether it returns the type of its argument.
    pub(super) fn gives_a_type(&self) -> bool {
        matches!(self.definition.run, Run::Type)
    }

    /// Compiles the first argument if it is a literal pattern, so that errors in it are found when the
    /// catalog loads.
    pub(super) fn prepare(&mut self, first: &str) -> Result<(), String> {
        if let Run::Pattern(_) = self.definition.run {
            self.pattern = Some(compile_pattern(first)?);
        }
        Ok(())
    }
}

/// A regular expression of bounded size; matching takes time linear in the text.
pub(super) fn compile_pattern(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| {
            // Of several lines, the last is the reason; the others draw the pattern.
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            format!("this is not a regular expression: {reason}")
        })
}

impl Definition {
    pub(crate) fn name(&self) -> &'static str {
        self.signature.split('(').next().unwrap_or_default()
    }
}

const fn define(
    signature: &'static str,
    arity: (usize, Option<usize>),
    run: Run,
    summary: &'static str,
    example: (&'static str, &'static str),
) -> Definition {
    Definition {
        signature,
        summary,
        example,
        least: arity.0,
        most: arity.1,
        run,
    }
}

const fn exactly(n: usize) -> (usize, Option<usize>) {
    (n, Some(n))
}

const fn at_least(n: usize) -> (usize, Option<usize>) {
    (n, None)
}

/// Every function, in alphabetical order.
#[rustfmt::skip] // a table reads best one entry to a few even lines
pub(crate) static FUNCTIONS: &[Definition] = &[
    define("abs(number)", exactly(1), Run::Plain(library::abs),
        "The number without its sign.", ("abs(-2.50)", "2.50")),
    define("can(expression)", exactly(1), Run::Can,
        "Whether the expression can be evaluated without an error.", (r#"can(jsondecode("{"))"#, "false")),
    define("coalesce(values...)", at_least(1), Run::Coalesce,
        "The first value that is neither null nor an empty string.", (r#"coalesce(null, "", "x")"#, r#""x""#)),
    define("compact(values)", exactly(1), Run::Plain(library::compact),
        "The list or object without nulls and empty strings.", (r#"compact(["a", "", null])"#, r#"["a"]"#)),
    define("concat(lists...)", at_least(1), Run::Plain(library::concat),
        "The items of all lists, in order.", ("concat([1], [2, 3])", "[1,2,3]")),
    define("contains(list, value)", exactly(2), Run::Plain(library::contains),
        "Whether the list holds the value.", (r#"contains(["a", "b"], "b")"#, "true")),
    define("distinct(list)", exactly(1), Run::Plain(library::distinct),
        "The list without repeated values: each at its first position.", ("distinct([1, 2, 1.0])", "[1,2]")),
    define("endswith(text, suffix)", exactly(2), Run::Plain(library::endswith),
        "Whether the text ends with the suffix.", (r#"endswith("a.ocl", ".ocl")"#, "true")),
    define("flatten(list)", exactly(1), Run::Plain(library::flatten),
        "The list with inner lists replaced by their items, at any depth.", ("flatten([1, [2, [3]]])", "[1,2,3]")),
    define("join(separator, list)", exactly(2), Run::Plain(library::join),
        "The items as one text, with the separator between them.", (r#"join("-", ["a", "b"])"#, r#""a-b""#)),
    define("jsondecode(text)", exactly(1), Run::Decode,
        "The value of a JSON text; numbers stay exact. A name that an object holds twice is an error, which no `try` hides.", (r#"jsondecode("{\"a\":1.10}")"#, r#"{"a":1.10}"#)),
    define("jsonencode(value)", exactly(1), Run::WritesOut(library::jsonencode),
        "The value as JSON without white space.", (r#"jsonencode({ a = [1, null] })"#, r#""{\"a\":[1,null]}""#)),
    define("keys(object)", exactly(1), Run::Size(library::keys),
        "The keys, in the order of the document.", ("keys({ b = 1, a = 2 })", r#"["b","a"]"#)),
    define("length(value)", exactly(1), Run::Size(library::length),
        "The number of items, entries or characters; 0 for null.", (r#"length("né")"#, "2")),
    define("lookup(table, key, default)", (2, Some(3)), Run::Lookup,
        "The value under the key in the server's table; the default if it has none (without a default, an error). It must have the type of the default, unless that is null.",
        (r#"lookup("environments", "Test", "test")"#, r#""test""#)),
    define("lower(text)", exactly(1), Run::Plain(library::lower),
        "The text in lower case.", (r#"lower("ABC")"#, r#""abc""#)),
    define("max(numbers...)", at_least(1), Run::Plain(library::max),
        "The largest of the numbers.", ("max(1, 10, 2)", "10")),
    define("merge(objects...)", at_least(1), Run::Merge,
        "The entries of all objects; a key that occurs twice has the later value at the earlier position.",
        ("merge({ a = 1, b = 2 }, { a = 3 })", r#"{"a":3,"b":2}"#)),
    define("min(numbers...)", at_least(1), Run::Plain(library::min),
        "The smallest of the numbers.", ("min(1, -10, 2)", "-10")),
    define("regex(pattern, text)", exactly(2), Run::Pattern(library::regex),
        "The first match: its text, the list of its groups, or the object of its named groups. No match is an error.",
        (r#"regex("[0-9]+", "a12b3")"#, r#""12""#)),
    define("regexall(pattern, text)", exactly(2), Run::Pattern(library::regexall),
        "All matches, each like the result of `regex`.", (r#"regexall("[0-9]+", "a12b3")"#, r#"["12","3"]"#)),
    define("regexreplace(pattern, text, replacement)", exactly(3), Run::Pattern(library::regexreplace),
        "The text with every match replaced; `$1` and `${name}` stand for groups.",
        (r#"regexreplace("(\\w)-(\\w)", "a-b", "$2-$1")"#, r#""b-a""#)),
    define("replace(text, search, replacement)", exactly(3), Run::Plain(library::replace),
        "The text with every occurrence of the search text replaced.", (r#"replace("a.b.c", ".", "/")"#, r#""a/b/c""#)),
    define("reverse(list)", exactly(1), Run::Plain(library::reverse),
        "The items in reverse order.", ("reverse([1, 2])", "[2,1]")),
    define("slugify(name, default, length)", (1, Some(3)), Run::Plain(library::slugify),
        "The name in lower case, with each run of characters other than a-z and 0-9 replaced by `-`, without `-` at its ends, cut to \
         the length if one is given; the default if the result is empty (without a default, an error).",
        (r#"slugify("Deploy to Azure!")"#, r#""deploy-to-azure""#)),
    define("sort(list)", exactly(1), Run::Plain(library::sort),
        "The items of the list as texts, sorted by code points: numbers and booleans become texts, so 10 comes before 9.", (r#"sort(["b", "a"])"#, r#"["a","b"]"#)),
    define("split(separator, text)", exactly(2), Run::Plain(library::split),
        "The parts of the text between the separators.", (r#"split(",", "a,b")"#, r#"["a","b"]"#)),
    define("startswith(text, prefix)", exactly(2), Run::Plain(library::startswith),
        "Whether the text begins with the prefix.", (r#"startswith("Octopus.Aws", "Octopus.")"#, "true")),
    define("strcontains(text, part)", exactly(2), Run::Plain(library::strcontains),
        "Whether the text contains the part.", (r##"strcontains("a #{b}", "#{")"##, "true")),
    define("substr(text, offset, length)", exactly(3), Run::Plain(library::substr),
        "The part of the text from the offset on, with this length in characters (-1: the rest).", (r#"substr("abcdef", 2, 3)"#, r#""cde""#)),
    define("tobool(value)", exactly(1), Run::Plain(library::tobool),
        r#"A boolean, also from "true" and "false"."#, (r#"tobool("true")"#, "true")),
    define("tonumber(value)", exactly(1), Run::Plain(library::tonumber),
        "A number, also from its text, exactly.", (r#"tonumber("100.50")"#, "100.50")),
    define("tostring(value)", exactly(1), Run::Plain(library::tostring),
        "A string, also from a number or boolean.", ("tostring(100)", r#""100""#)),
    define("trim(text, characters)", exactly(2), Run::Plain(library::trim),
        "The text without the given characters at its ends.", (r#"trim("--a-", "-")"#, r#""a""#)),
    define("trimprefix(text, prefix)", exactly(2), Run::Plain(library::trimprefix),
        "The text without the prefix, if it has it.", (r#"trimprefix("v1", "v")"#, r#""1""#)),
    define("trimspace(text)", exactly(1), Run::Plain(library::trimspace),
        "The text without white space at its ends.", (r#"trimspace(" a ")"#, r#""a""#)),
    define("trimsuffix(text, suffix)", exactly(2), Run::Plain(library::trimsuffix),
        "The text without the suffix, if it has it.", (r#"trimsuffix("a.ocl", ".ocl")"#, r#""a""#)),
    define("try(expressions...)", at_least(1), Run::Try,
        "The first expression that can be evaluated without an error.", (r#"try(jsondecode("{"), "none")"#, r#""none""#)),
    define("type(value)", exactly(1), Run::Type,
        "The type of the value: \"string\", \"number\", \"bool\", \"list\", \"object\" or \"null\". Blocks under their type are a \
         list, each of them an object, like a dictionary; an absent value is null.",
        (r#"[type("a"), type(1), type(true), type(["a"]), type({ a = 1 }), type(null)]"#,
         r#"["string","number","bool","list","object","null"]"#)),
    define("unique(text)", exactly(1), Run::Unique,
        "The text, with `-1`, `-2`, ... added if the step has already used it in this document.",
        (r#"[unique("a"), unique("a")]"#, r#"["a","a-1"]"#)),
    define("upper(text)", exactly(1), Run::Plain(library::upper),
        "The text in upper case.", (r#"upper("abc")"#, r#""ABC""#)),
    define("values(object)", exactly(1), Run::Plain(library::values),
        "The values, in the order of the document.", ("values({ b = 1, a = 2 })", "[1,2]")),
];
