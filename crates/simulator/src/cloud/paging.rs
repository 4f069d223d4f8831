//! Pages counted from 1, with the links to the others.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::request::Call;

/// The largest page; the vendor's Terraform provider asks for it.
pub(super) const LARGEST: usize = 500;

/// How large a page of users may be. The vendor does not say, nor what happens beyond.
#[derive(Debug, Clone, Copy)]
pub(super) struct UserPages {
    /// The most users of one page.
    pub most: usize,
    /// Whether who asks for more gets that many, or is refused.
    pub clamped: bool,
}

impl UserPages {
    /// The size of the page that a request asks for.
    pub fn size(self, call: &Call<'_>) -> Result<usize, Refusal> {
        let most = if self.clamped { usize::MAX } else { self.most };
        Ok(call.count("pageSize", 25.min(self.most), most)?.min(self.most))
    }
}

/// One page of a listing.
pub(super) struct Page {
    pub number: usize,
    pub size: usize,
    pub total: usize,
}

impl Page {
    /// The page that a request asks for.
    pub fn of(call: &Call<'_>, total: usize) -> Result<Self, Refusal> {
        Self::of_size(call, call.count("pageSize", 25, LARGEST)?, total)
    }

    /// The page of this size that a request asks for.
    pub fn of_size(call: &Call<'_>, size: usize, total: usize) -> Result<Self, Refusal> {
        let number = call.count("pageNumber", 1, usize::MAX)?;
        Ok(Self { number, size, total })
    }

    /// How many pages there are.
    pub fn pages(&self) -> usize {
        self.total.div_ceil(self.size)
    }

    /// This page's part of everything.
    pub fn slice<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let from = self.size.saturating_mul(self.number - 1).min(all.len());
        let to = from.saturating_add(self.size).min(all.len());
        &all[from..to]
    }

    /// The listing around this page's entities.
    pub fn listing(&self, call: &Call<'_>, entities: Vec<Value>) -> Value {
        let pages = self.pages();
        let link = |number: usize| {
            format!("{}{}", call.request.path, call.request.query.with("pageNumber", &number.to_string()))
        };
        json!({
            "entities": entities,
            "pageSize": self.size,
            "pageNumber": self.number,
            "total": self.total,
            "pageCount": pages,
            "firstUri": link(1),
            "selfUri": link(self.number),
            "nextUri": (self.number < pages).then(|| link(self.number + 1)),
            "previousUri": (self.number > 1).then(|| link(self.number - 1)),
            "lastUri": link(pages.max(1)),
        })
    }
}
