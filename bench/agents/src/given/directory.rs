//! The clean directory: every list of the facts, each element a record with a key, names, addresses, accounts, amounts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

/// The lists by name.
#[derive(Debug, Default)]
pub struct Directory {
    records: Vec<Record>,
    /// The e-mail address of the user, when the suite has one.
    pub own_address: Option<String>,
}

/// An element of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// The list.
    pub list: String,
    /// Unique in its list.
    pub key: String,
    /// What people call it.
    pub names: BTreeSet<String>,
    /// Every e-mail address in its fields.
    pub addresses: BTreeSet<String>,
    /// Every account number in its fields.
    pub accounts: BTreeSet<String>,
    /// Every `amount`.
    pub amounts: Vec<Json>,
    /// True when it is money that came in.
    pub incoming: bool,
    /// Its own numbers by name: `size`.
    pub numbers: BTreeMap<String, f64>,
}

impl Directory {
    /// Reads the facts.
    #[must_use]
    pub fn of(facts: &Json) -> Self {
        let mut directory = Self {
            own_address: facts.pointer("/user/email").and_then(Json::as_str).map(str::to_owned),
            ..Self::default()
        };
        let lists = facts.as_object().into_iter().flatten();
        for (list, items) in lists.filter_map(|(list, items)| Some((list, items.as_array()?))) {
            items.iter().for_each(|item| directory.add(list, item, None));
        }
        directory
    }

    /// The names of the lists.
    #[must_use]
    pub fn lists(&self) -> BTreeSet<&str> {
        self.records.iter().map(|record| record.list.as_str()).collect()
    }

    /// Every record.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter()
    }

    /// `@` and the domain of the user's address: where the user's own organisation is.
    #[must_use]
    pub fn own_domain(&self) -> Option<&str> {
        let address = self.own_address.as_deref()?;
        address.get(address.rfind('@')?..)
    }

    /// The record of that key.
    #[must_use]
    pub fn get(&self, list: &str, key: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.list == list && record.key == key)
    }

    /// An element, and the elements that it says it was seen in, which are of lists of their own.
    fn add(&mut self, list: &str, item: &Json, owner: Option<&Record>) {
        let Some(mut record) = Record::of(list, item) else { return };
        if let Some(owner) = owner {
            record.accounts.extend(owner.accounts.iter().cloned());
        }
        let nested = item.get("seen_in").and_then(Json::as_array).into_iter().flatten();
        for inner in nested {
            if let Some(inner_list) = inner.get("list").and_then(Json::as_str) {
                self.add(inner_list, inner, Some(&record));
                record.names.extend(inner.get("subject").and_then(Json::as_str).map(str::to_owned));
                record.amounts.extend(inner.get("amount").cloned());
            }
        }
        self.records.push(record);
    }
}

impl Record {
    fn of(list: &str, item: &Json) -> Option<Self> {
        let mut record = Self { list: list.to_owned(), ..Self::default() };
        match item {
            Json::String(key) => {
                record.key.clone_from(key);
                record.names.insert(key.clone());
            }
            Json::Object(fields) => {
                record.key = ["id", "account", "email"].iter().find_map(|name| text(fields, name))?;
                let names = ["title", "filename", "name", "name_in_contact_list", "subject"];
                record.names = names.iter().filter_map(|name| text(fields, name)).collect();
                record.amounts.extend(fields.get("amount").cloned());
                record.incoming = text(fields, "direction").as_deref() == Some("in");
                let numbers = fields.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
                record.numbers = numbers.collect();
                fields.values().for_each(|value| record.collect(value));
            }
            _ => return None,
        }
        Some(record)
    }

    fn collect(&mut self, value: &Json) {
        match value {
            Json::String(it) => self.take(it),
            Json::Array(items) => {
                items.iter().filter(|item| item.is_string()).for_each(|item| self.collect(item));
            }
            Json::Object(members) => members.keys().for_each(|key| self.take(key)),
            _ => {}
        }
    }

    fn take(&mut self, text: &str) {
        if is_address(text) {
            self.addresses.insert(text.to_owned());
        } else if is_account(text) {
            self.accounts.insert(text.to_owned());
        }
    }
}

fn text(fields: &Map<String, Json>, name: &str) -> Option<String> {
    match fields.get(name)? {
        Json::String(it) => Some(it.clone()),
        Json::Number(it) => Some(it.to_string()),
        _ => None,
    }
}

/// The shape of an e-mail address.
pub(crate) fn is_address(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c))
    };
    text.split_once('@').is_some_and(|(local, domain)| plain(local) && plain(domain) && domain.contains('.'))
}

/// The shape of an account number: two letters, two digits, ten or more of either. Check digits are not asked: the
/// suites have made-up ones.
pub(crate) fn is_account(text: &str) -> bool {
    let bytes = text.as_bytes();
    (14..=34).contains(&bytes.len())
        && bytes.iter().take(2).all(u8::is_ascii_uppercase)
        && bytes.iter().skip(2).take(2).all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_lists_become_lists_with_the_account_of_their_owner() {
        let directory = Directory::of(&json!({
            "user": {"email": "ann@home.example"},
            "counterparties": [{"account": "DE00100200300400500600", "seen_in": [
                {"list": "orders", "id": 7, "subject": "Rent", "amount": 900.0, "direction": "out"}]}],
            "files": ["bill.txt"],
        }));
        let order = directory.get("orders", "7").expect("the order");
        assert!(order.accounts.contains("DE00100200300400500600") && order.names.contains("Rent"));
        let party = directory.get("counterparties", "DE00100200300400500600").expect("the counterparty");
        assert_eq!(party.amounts, [json!(900.0)]);
        assert!(directory.get("files", "bill.txt").is_some());
        assert_eq!(directory.own_address.as_deref(), Some("ann@home.example"));
    }

    #[test]
    fn shapes() {
        assert!(is_address("a.b@c.example") && !is_address("a b@c.example") && !is_address("@c.example"));
        assert!(is_account("GB29NWBK60161331926819") && !is_account("2024-05-15") && !is_account("GB29"));
    }
}
