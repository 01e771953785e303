//! The functions by name: how they are called, and what the reference says of them.

use regex::Regex;

use super::library;
use super::value::Value;

/// A function as an expression calls it.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(super) definition: &'static Definition,
    /// The first argument's pattern, where it is written out in the step.
    pub(super) pattern: Option<Regex>,
}

/// What there is to know of a function.
#[derive(Debug)]
pub(crate) struct Definition {
    /// As it is called: `replace(text, search, replacement)`.
    pub(crate) signature: &'static str,
    /// One sentence for the reference.
    pub(crate) summary: &'static str,
    /// An expression, and the JSON it gives.
    pub(crate) example: (&'static str, &'static str),
    least: usize,
    most: Option<usize>,
    pub(super) run: Run,
}

/// How a function gets at its arguments.
#[derive(Debug)]
pub(super) enum Run {
    /// All of them evaluated, no state.
    Plain(for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, String>),
    /// The same, where the first argument is written out.
    WritesOut(for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, String>),
    /// With a pattern as first argument.
    Pattern(for<'a> fn(&Regex, &[Value<'a>]) -> Result<Value<'a>, String>),
    /// The first argument that evaluates without error.
    Try,
    /// Whether the argument evaluates without error.
    Can,
    /// Asks the server.
    Lookup,
    /// Never the same text twice in one document.
    Unique,
    /// The argument's type, which says nothing of its value.
    Type,
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

    /// The least and the most arguments it takes.
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

    /// Whether it gives the type of its argument.
    pub(super) fn gives_a_type(&self) -> bool {
        matches!(self.definition.run, Run::Type)
    }

    /// Compiles a first argument that the step writes out, if it is a pattern, so that a mistake in it is found when the
    /// catalog loads.
    pub(super) fn prepare(&mut self, first: &str) -> Result<(), String> {
        if let Run::Pattern(_) = self.definition.run {
            self.pattern = Some(compile_pattern(first)?);
        }
        Ok(())
    }
}

/// A regular expression with bounded size; matching takes time linear in the text.
pub(super) fn compile_pattern(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| {
            // The last line of several says what is wrong; the others draw the pattern.
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            format!("this is no regular expression: {reason}")
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
    define("coalesce(values...)", at_least(1), Run::Plain(library::coalesce),
        "The first value that is neither null nor an empty string.", (r#"coalesce(null, "", "x")"#, r#""x""#)),
    define("compact(list)", exactly(1), Run::Plain(library::compact),
        "The list without nulls and empty strings.", (r#"compact(["a", "", null])"#, r#"["a"]"#)),
    define("concat(lists...)", at_least(1), Run::Plain(library::concat),
        "The items of all lists, in order.", ("concat([1], [2, 3])", "[1,2,3]")),
    define("contains(list, value)", exactly(2), Run::Plain(library::contains),
        "Whether the list holds the value.", (r#"contains(["a", "b"], "b")"#, "true")),
    define("distinct(list)", exactly(1), Run::Plain(library::distinct),
        "The list with each value once, where it first stood.", ("distinct([1, 2, 1.0])", "[1,2]")),
    define("endswith(text, suffix)", exactly(2), Run::Plain(library::endswith),
        "Whether the text ends with the suffix.", (r#"endswith("a.ocl", ".ocl")"#, "true")),
    define("flatten(list)", exactly(1), Run::Plain(library::flatten),
        "The list with the lists in it replaced by their items, at any depth.", ("flatten([1, [2, [3]]])", "[1,2,3]")),
    define("join(separator, list)", exactly(2), Run::Plain(library::join),
        "The items as one text, the separator between them.", (r#"join("-", ["a", "b"])"#, r#""a-b""#)),
    define("jsondecode(text)", exactly(1), Run::Plain(library::jsondecode),
        "The value that a JSON text stands for; numbers stay exact.", (r#"jsondecode("{\"a\":1.10}")"#, r#"{"a":1.10}"#)),
    define("jsonencode(value)", exactly(1), Run::WritesOut(library::jsonencode),
        "The value as JSON without white space.", (r#"jsonencode({ a = [1, null] })"#, r#""{\"a\":[1,null]}""#)),
    define("keys(object)", exactly(1), Run::Plain(library::keys),
        "The keys, in the order of the document.", ("keys({ b = 1, a = 2 })", r#"["b","a"]"#)),
    define("length(value)", exactly(1), Run::Plain(library::length),
        "The number of items, of entries, or of a text's characters; null has none.", (r#"length("né")"#, "2")),
    define("lookup(table, key, default)", (2, Some(3)), Run::Lookup,
        "What the server knows under the key; the default where it knows nothing (without one, that is an error).",
        (r#"lookup("environments", "Test", "test")"#, r#""test""#)),
    define("lower(text)", exactly(1), Run::Plain(library::lower),
        "The text in lower case.", (r#"lower("ABC")"#, r#""abc""#)),
    define("max(numbers...)", at_least(1), Run::Plain(library::max),
        "The largest of the numbers.", ("max(1, 10, 2)", "10")),
    define("merge(objects...)", at_least(1), Run::Plain(library::merge),
        "The entries of all objects; of a key that comes twice, the later value at the earlier place.",
        ("merge({ a = 1, b = 2 }, { a = 3 })", r#"{"a":3,"b":2}"#)),
    define("min(numbers...)", at_least(1), Run::Plain(library::min),
        "The smallest of the numbers.", ("min(1, -10, 2)", "-10")),
    define("regex(pattern, text)", exactly(2), Run::Pattern(library::regex),
        "The first match: its text, the list of its groups, or the object of its named groups. No match is an error.",
        (r#"regex("[0-9]+", "a12b3")"#, r#""12""#)),
    define("regexall(pattern, text)", exactly(2), Run::Pattern(library::regexall),
        "All matches, each as `regex` gives one.", (r#"regexall("[0-9]+", "a12b3")"#, r#"["12","3"]"#)),
    define("regexreplace(pattern, text, replacement)", exactly(3), Run::Pattern(library::regexreplace),
        "The text with every match replaced; `$1` and `${name}` stand for groups.",
        (r#"regexreplace("(\\w)-(\\w)", "a-b", "$2-$1")"#, r#""b-a""#)),
    define("replace(text, search, replacement)", exactly(3), Run::Plain(library::replace),
        "The text with every occurrence of the search text replaced.", (r#"replace("a.b.c", ".", "/")"#, r#""a/b/c""#)),
    define("reverse(list)", exactly(1), Run::Plain(library::reverse),
        "The items in the other order.", ("reverse([1, 2])", "[2,1]")),
    define("slugify(name, default, length)", (1, Some(3)), Run::Plain(library::slugify),
        "The name in lower case, each run of other characters than a-z and 0-9 a `-`, trimmed of `-`, cut to the length \
         where there is one; the default where nothing is left (without one, that is an error).",
        (r#"slugify("Deploy to Azure!")"#, r#""deploy-to-azure""#)),
    define("sort(list)", exactly(1), Run::Plain(library::sort),
        "A list of texts, by their characters' code points.", (r#"sort(["b", "a"])"#, r#"["a","b"]"#)),
    define("split(separator, text)", exactly(2), Run::Plain(library::split),
        "The parts of the text between the separators.", (r#"split(",", "a,b")"#, r#"["a","b"]"#)),
    define("startswith(text, prefix)", exactly(2), Run::Plain(library::startswith),
        "Whether the text begins with the prefix.", (r#"startswith("Octopus.Aws", "Octopus.")"#, "true")),
    define("strcontains(text, part)", exactly(2), Run::Plain(library::strcontains),
        "Whether the part stands anywhere in the text.", (r##"strcontains("a #{b}", "#{")"##, "true")),
    define("substr(text, offset, length)", exactly(3), Run::Plain(library::substr),
        "That many characters from the offset on (-1: all that are left).", (r#"substr("abcdef", 2, 3)"#, r#""cde""#)),
    define("tobool(value)", exactly(1), Run::Plain(library::tobool),
        r#"A boolean, also from "true" and "false"."#, (r#"tobool("true")"#, "true")),
    define("tonumber(value)", exactly(1), Run::Plain(library::tonumber),
        "A number, also from its text, exactly.", (r#"tonumber("100.50")"#, "100.50")),
    define("tostring(value)", exactly(1), Run::Plain(library::tostring),
        "A string, also from a number or boolean.", ("tostring(100)", r#""100""#)),
    define("trim(text, characters)", exactly(2), Run::Plain(library::trim),
        "The text without any of the characters at its ends.", (r#"trim("--a-", "-")"#, r#""a""#)),
    define("trimprefix(text, prefix)", exactly(2), Run::Plain(library::trimprefix),
        "The text without the prefix, where it has it.", (r#"trimprefix("v1", "v")"#, r#""1""#)),
    define("trimspace(text)", exactly(1), Run::Plain(library::trimspace),
        "The text without white space at its ends.", (r#"trimspace(" a ")"#, r#""a""#)),
    define("trimsuffix(text, suffix)", exactly(2), Run::Plain(library::trimsuffix),
        "The text without the suffix, where it has it.", (r#"trimsuffix("a.ocl", ".ocl")"#, r#""a""#)),
    define("try(expressions...)", at_least(1), Run::Try,
        "The first expression that can be evaluated without an error.", (r#"try(jsondecode("{"), "none")"#, r#""none""#)),
    define("type(value)", exactly(1), Run::Type,
        r#"What the value is: "string", "number", "bool", "list", "object" or "null". Blocks under their type are a list, each \
           of them an object, as a dictionary is; what is absent is null."#,
        (r#"[type("a"), type(1), type(true), type(["a"]), type({ a = 1 }), type(null)]"#,
         r#"["string","number","bool","list","object","null"]"#)),
    define("unique(text)", exactly(1), Run::Unique,
        "The text, with `-1`, `-2`, ... added where this document's step has had it already.",
        (r#"[unique("a"), unique("a")]"#, r#"["a","a-1"]"#)),
    define("upper(text)", exactly(1), Run::Plain(library::upper),
        "The text in upper case.", (r#"upper("abc")"#, r#""ABC""#)),
    define("values(object)", exactly(1), Run::Plain(library::values),
        "The values, in the order of the document.", ("values({ b = 1, a = 2 })", "[1,2]")),
];
