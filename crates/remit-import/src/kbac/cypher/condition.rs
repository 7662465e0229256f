//! What follows `WHERE`: comparisons of properties and parameters, joined by `AND`, `OR`, `NOT`.

use super::token::Token;
use super::{Condition, Fault, Operand, Parser, fault};

impl Parser<'_> {
    pub(super) fn or(&mut self) -> Result<Condition, Fault> {
        let mut all = vec![self.and()?];
        while self.word("OR") {
            all.push(self.and()?);
        }
        Ok(only(all, Condition::Or))
    }

    fn and(&mut self) -> Result<Condition, Fault> {
        let mut all = vec![self.unary()?];
        while self.word("AND") {
            all.push(self.unary()?);
        }
        Ok(only(all, Condition::And))
    }

    fn unary(&mut self) -> Result<Condition, Fault> {
        if self.word("NOT") {
            self.deeper()?;
            let inner = self.unary()?;
            self.depth -= 1;
            return Ok(Condition::Not(Box::new(inner)));
        }
        if self.is_sign("(") {
            if self.is_path() {
                let at = self.at();
                return Ok(Condition::Path { at, path: self.path()? });
            }
            self.next += 1;
            self.deeper()?;
            let inner = self.or()?;
            self.depth -= 1;
            self.need(")")?;
            return Ok(inner);
        }
        self.comparison()
    }

    /// A parenthesis that holds a node: a name or a label, and an edge behind it.
    fn is_path(&self) -> bool {
        let mut by = 1;
        if matches!(self.ahead(by), Some(Token::Word(_))) {
            by += 1;
        }
        if self.ahead(by) == Some(&Token::Sign(":")) {
            by += 2;
        }
        let edge = matches!(self.ahead(by + 1), Some(Token::Sign("-" | "<")));
        let before = matches!(self.ahead(by + 2), Some(Token::Sign("[" | "-")));
        self.ahead(by) == Some(&Token::Sign(")")) && edge && before
    }

    fn comparison(&mut self) -> Result<Condition, Fault> {
        let left = self.operand()?;
        let at = self.at();
        if self.word("IS") {
            let present = self.word("NOT");
            if !self.word("NULL") {
                return Err(self.unexpected("`NULL`"));
            }
            return Ok(Condition::Null { at, of: left, present });
        }
        if self.word("IN") {
            let right = self.operand()?;
            return Ok(Condition::Compare { at, left, operator: "in", right });
        }
        for (first, text) in [("STARTS", "starts with"), ("ENDS", "ends with")] {
            if self.word(first) {
                if !self.word("WITH") {
                    return Err(self.unexpected("`WITH`"));
                }
                let right = self.operand()?;
                return Ok(Condition::Compare { at, left, operator: text, right });
            }
        }
        if self.word("CONTAINS") {
            let right = self.operand()?;
            return Ok(Condition::Compare { at, left, operator: "contains", right });
        }
        if self.is_sign("=~") {
            return Err(fault(
                at,
                "regular expressions are not carried over: those of the source are of another kind",
            ));
        }
        for (sign, text) in [("=", "=="), ("<>", "!="), ("<=", "<="), (">=", ">="), ("<", "<"), (">", ">")] {
            if self.sign(sign) {
                let right = self.operand()?;
                if self.is_sign("=") || self.is_sign("<") || self.is_sign(">") {
                    return Err(fault(self.at(), "chains of comparisons are not carried over"));
                }
                return Ok(Condition::Compare { at, left, operator: text, right });
            }
        }
        Err(self.unexpected("a comparison"))
    }

    fn operand(&mut self) -> Result<Operand, Fault> {
        let at = self.at();
        if self.sign("[") {
            let mut items = Vec::new();
            while !self.is_sign("]") {
                items.push(self.operand()?);
                if !self.sign(",") {
                    break;
                }
            }
            self.need("]")?;
            return Ok(Operand::List(items));
        }
        let negative = self.sign("-");
        let operand = match self.peek() {
            Some((_, Token::Number(text))) => {
                Operand::Number(if negative { format!("-{text}") } else { text.clone() })
            }
            _ if negative => return Err(self.unexpected("a number")),
            Some((_, Token::Text(text))) => Operand::Text(text.clone()),
            Some((_, Token::Parameter(name))) => Operand::Parameter { at, name: name.clone() },
            Some((_, Token::Word(word))) if word.eq_ignore_ascii_case("true") => Operand::Bool(true),
            Some((_, Token::Word(word))) if word.eq_ignore_ascii_case("false") => Operand::Bool(false),
            Some((_, Token::Word(_))) => return self.member(at),
            _ => return Err(self.unexpected("a value")),
        };
        self.next += 1;
        if self.is_sign(".") {
            return Err(fault(self.at(), "members of values are not carried over"));
        }
        if self.is_sign("+") || self.is_sign("-") || self.is_sign("*") {
            return Err(fault(self.at(), "arithmetic is not carried over"));
        }
        Ok(operand)
    }

    /// `name.property.key` or `name.external_id`
    fn member(&mut self, at: usize) -> Result<Operand, Fault> {
        let variable = self.name()?;
        if self.is_sign("(") || self.is_sign("{") {
            return Err(fault(self.at(), format!("functions are not carried over, and `{variable}` is one")));
        }
        self.need(".")?;
        let key = self.name()?;
        if key == "external_id" {
            return Ok(Operand::Id { at, variable });
        }
        if key != "property" || !self.sign(".") {
            let message = format!(
                "`{variable}.{key}`: a property is written `{variable}.property.{key}`, with `.property.`"
            );
            return Err(fault(at, message));
        }
        let key = self.name()?;
        if self.is_sign("+") || self.is_sign("-") || self.is_sign("*") {
            return Err(fault(self.at(), "arithmetic is not carried over"));
        }
        Ok(Operand::Property { at, variable, key })
    }
}

fn only(mut all: Vec<Condition>, joined: fn(Vec<Condition>) -> Condition) -> Condition {
    match (all.len(), all.pop()) {
        (1, Some(one)) => one,
        (_, Some(last)) => {
            all.push(last);
            joined(all)
        }
        (_, None) => joined(all),
    }
}
