//! Documents that say the same, written differently: other white space, and another order where order means nothing.

use std::collections::HashMap;

use ocl_migrate::ocl::{Kind, Node};
use ocl_migrate::values::{Element, Values};

/// A small generator of numbers (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}

/// How a document is written anew.
pub struct Rewriting<'r> {
    pub random: Random,
    /// Whether what has no order is put in another one.
    pub shuffled: bool,
    /// The names of attributes that are sets as part of a key.
    pub key_sets: &'r [&'r str],
}

impl Rewriting<'_> {
    pub fn of(mut self, values: Values<'_>) -> String {
        let mut text = String::new();
        self.members(&values.root(), &mut text);
        text
    }

    /// What stands in a document, block or dictionary, each on a line of its own.
    fn members(&mut self, holder: &Element<'_>, text: &mut String) {
        let mut elements: HashMap<_, Element<'_>> = holder
            .members()
            .map(|element| (element.node().id(), element))
            .collect();
        let mut nodes: Vec<Node<'_>> = holder.content().children().collect();
        if self.shuffled {
            let groups: Vec<Option<String>> = nodes
                .iter()
                .map(|node| fixed(elements.get(&node.id())))
                .collect();
            nodes = self.shuffled_within(&nodes, &groups);
        }
        for node in nodes {
            let element = elements.remove(&node.id());
            text.push_str(["", "\n", "  ", "\t\t"][self.random.below(4)]);
            match node.kind() {
                Kind::Block => {
                    text.push_str(&node.name());
                    for label in node.labels() {
                        text.push_str(&format!("  {}", label.source()));
                    }
                    text.push_str(" {\n");
                    if self.random.below(3) == 0 {
                        text.push_str("# a comment\n");
                    }
                    self.members(&element.expect("a block is a member"), text);
                    text.push_str("}\n");
                }
                _ => {
                    let value = node.value().expect("an attribute or entry");
                    let (whole, inner) = (node.source(), value.source());
                    let before = whole.strip_suffix(&*inner).expect("the value comes last");
                    text.push_str(before.trim_end_matches([' ', '\t', '=']));
                    text.push_str(" =  ");
                    match (element, value.kind()) {
                        (Some(element), Kind::Dictionary | Kind::List) => {
                            self.value(&element, text);
                        }
                        (None, Kind::List) if self.key_sets.contains(&&*node.name()) => {
                            self.list(value, text);
                        }
                        _ => text.push_str(&value.source()),
                    }
                    text.push('\n');
                }
            }
        }
    }

    fn value(&mut self, element: &Element<'_>, text: &mut String) {
        let content = element.content();
        match content.kind() {
            Kind::Dictionary => {
                text.push_str("{\n");
                self.members(element, text);
                text.push('}');
            }
            Kind::List
                if element
                    .members()
                    .all(|item| item.to_string().ends_with('}')) =>
            {
                self.list(content, text);
            }
            Kind::List => {
                let items = element.members();
                text.push('[');
                for (index, item) in items.enumerate() {
                    text.push_str(if index > 0 { ",  " } else { " " });
                    self.value(&item, text);
                    // What stands behind an end tag must be on a line of its own.
                    text.push('\n');
                }
                text.push_str(" ]");
            }
            _ => text.push_str(&content.source()),
        }
    }

    /// The items of a set.
    fn list(&mut self, list: Node<'_>, text: &mut String) {
        let mut items: Vec<_> = list.children().map(|item| item.source()).collect();
        if self.shuffled {
            self.random.shuffle(&mut items);
        }
        text.push_str(&format!("[ {}\n ]", items.join("\n, ")));
    }

    /// The nodes in another order; those of one group keep theirs.
    fn shuffled_within<'a>(
        &mut self,
        nodes: &[Node<'a>],
        groups: &[Option<String>],
    ) -> Vec<Node<'a>> {
        let mut places: Vec<usize> = (0..nodes.len()).collect();
        self.random.shuffle(&mut places);
        let mut of_group: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, group) in groups.iter().enumerate() {
            if let Some(group) = group {
                of_group.entry(group).or_default().push(index);
            }
        }
        for indices in of_group.into_values() {
            let mut taken: Vec<usize> = indices.iter().map(|index| places[*index]).collect();
            taken.sort_unstable();
            for (index, place) in indices.into_iter().zip(taken) {
                places[index] = place;
            }
        }
        let mut placed: Vec<(usize, Node<'a>)> =
            places.into_iter().zip(nodes.iter().copied()).collect();
        placed.sort_by_key(|(place, _)| *place);
        placed.into_iter().map(|(_, node)| node).collect()
    }
}

/// A name for those that an element must not change places with.
fn fixed(element: Option<&Element<'_>>) -> Option<String> {
    let element = element?;
    if element.order().is_some() {
        return Some("ordered".to_owned());
    }
    // Told apart by a position.
    let text = element.to_string();
    let is_position = text
        .strip_suffix(']')
        .and_then(|text| text.rsplit_once('['))
        .is_some_and(|(_, digits)| {
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        });
    is_position.then(|| format!("name {}", element.name()))
}
