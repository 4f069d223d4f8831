//! The organisation's users, a page at a time.
//!
//! Knows how they are paged: large pages where the server gives them, by the size that it says itself, and small ones
//! where it refuses large ones. A page is named by all that decides what is on it, so that none is lost or read twice
//! when the size changes on the way. Does not decide who matches whom.

use std::sync::atomic::{AtomicBool, Ordering};

use replicator::ports::UserPage;
use url::Url;

use crate::client::{Client, Reply, Spent};
use crate::convert;
use crate::error::Trouble;
use crate::list::List;
use crate::observe::Logged;
use crate::wire::UserListing;

/// What is asked for first: the vendor's Terraform provider does, and the description of the API states no maximum.
const LARGE: u32 = 500;

/// As many users as the platform is known to give at once without complaint.
const SMALL: u32 = 100;

/// Whether large pages are refused here.
#[derive(Debug, Default)]
pub(crate) struct Sizes {
    only_small: AtomicBool,
}

/// What names a page: in 32 bits, because nobody else needs to know what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Page {
    /// Inactive users are listed after the active ones and not together with them, because the platform answers 400 for
    /// inactive users beyond the ten thousandth (DEVTOOLING-862): nobody active may be lost over that.
    inactive: bool,
    size: u32,
    /// From 1.
    number: u32,
}

impl Page {
    const NUMBERS: u32 = 22;
    const SIZES: u32 = 9;

    /// The page of this name. Without a size in it, it is the first choice.
    fn parse(name: u32) -> Self {
        let size = (name >> Self::NUMBERS) & ((1 << Self::SIZES) - 1);
        Self {
            inactive: name >> (Self::NUMBERS + Self::SIZES) == 1,
            size: if size == 0 { LARGE } else { size },
            number: (name & ((1 << Self::NUMBERS) - 1)).max(1),
        }
    }

    /// Its name; `None` beyond the last that has one, some millions on.
    fn name(self) -> Option<u32> {
        let size = if self.size == LARGE { 0 } else { self.size };
        let fits = self.number < 1 << Self::NUMBERS && size < 1 << Self::SIZES;
        fits.then_some(u32::from(self.inactive) << (Self::NUMBERS + Self::SIZES) | size << Self::NUMBERS | self.number)
    }

    /// The page that begins with the same user when pages are small; `None` when there is none such.
    fn smaller(self) -> Option<Self> {
        let divides = self.size > SMALL && self.size.is_multiple_of(SMALL);
        let number = (self.number - 1) * (self.size / SMALL) + 1;
        divides.then_some(Self { size: SMALL, number, ..self })
    }

    /// The one after it, by the size that the server goes by.
    fn next(self, size: u32) -> Option<Self> {
        // A page after the first has been asked for by that size already.
        let size = if self.number == 1 { size } else { self.size };
        Some(Self { size, number: self.number.checked_add(1)?, ..self })
    }
}

/// Reads one page of users: of the active ones first, then of the inactive ones. The first one is page 1.
pub(crate) async fn read(client: &Client, logged: &Logged, sizes: &Sizes, name: u32) -> Reply<UserPage> {
    let mut page = Page::parse(name);
    let mut spent = Spent::default();
    if page.number == 1 && sizes.only_small.load(Ordering::Relaxed) {
        page.size = page.size.min(SMALL);
    }
    let mut reply = ask(client, page, &mut spent).await;
    if let (Err(trouble), Some(smaller)) = (&reply, page.smaller())
        && is_refused(trouble)
    {
        page = smaller;
        reply = ask(client, page, &mut spent).await;
        if reply.is_ok() && !sizes.only_small.swap(true, Ordering::Relaxed) {
            tracing::debug!(size = SMALL, "Genesys Cloud does not give large pages of users");
        }
    }
    let listing = match reply {
        Ok(listing) => listing,
        Err(trouble) if page.inactive && is_refused(&trouble) => {
            tracing::warn!(page = page.number, reason = trouble.reason(), "not every inactive user can be listed");
            return Reply { result: Ok(UserPage { users: Vec::new(), next: None }), spent };
        }
        Err(trouble) => return Reply { result: Err(trouble), spent },
    };
    let next = next(page, &listing).and_then(Page::name);
    let entities = listing.entities.into_iter().flatten();
    let users = entities.filter_map(|user| convert::user(user).map_err(|odd| logged.note(&odd)).ok());
    Reply { result: Ok(UserPage { users: users.collect(), next }), spent }
}

async fn ask(client: &Client, page: Page, spent: &mut Spent) -> Result<UserListing, Trouble> {
    let (size, number) = (page.size.to_string(), page.number.to_string());
    let state = if page.inactive { "inactive" } else { "active" };
    let query = [("pageSize", size.as_str()), ("pageNumber", number.as_str()), ("state", state)];
    let reply = client.get::<UserListing>(&["users"], &query).await;
    spent.add(reply.spent);
    reply.result
}

fn is_refused(trouble: &Trouble) -> bool {
    trouble.status == Some(400) && !trouble.is_login() && !trouble.is_transient()
}

/// The page to go on with; `None` after the last.
fn next(page: Page, listing: &UserListing) -> Option<Page> {
    let count = listing.entities.as_ref().map_or(0, List::len);
    let size = told_size(listing).filter(|told| (1..page.size).contains(told)).unwrap_or(page.size);
    let more = match (&listing.next_uri, listing.page_count) {
        (Some(_), _) => true,
        (None, Some(pages)) => page.number < pages,
        (None, None) => count >= usize::try_from(size.min(SMALL)).unwrap_or(usize::MAX),
    };
    // An empty page ends a list whose server always promises one more.
    if more && count > 0 {
        return page.next(size);
    }
    (!page.inactive).then_some(Page { inactive: true, size: page.size, number: 1 })
}

/// The size of its pages, as the server tells it: the address of the next page is what it goes by.
fn told_size(listing: &UserListing) -> Option<u32> {
    let of_next = listing.next_uri.as_deref().and_then(|uri| {
        let base = Url::parse("https://api.example/").expect("a constant that is a URL");
        let next = base.join(uri).ok()?;
        next.query_pairs().find_map(|(name, value)| (name == "pageSize").then(|| value.parse().ok())?)
    });
    of_next.or(listing.page_size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_again_by_its_name() {
        for inactive in [false, true] {
            for (size, number) in [(500, 1), (500, 2), (100, 1), (100, 77), (25, 4_000_000), (1, 1)] {
                let page = Page { inactive, size, number };
                assert_eq!(page.name().map(Page::parse), Some(page));
            }
        }
        assert_eq!(Page::parse(1), Page { inactive: false, size: LARGE, number: 1 }, "where the replicator begins");
        assert_eq!(Page::parse(0).number, 1);
        assert_eq!(Page { inactive: false, size: LARGE, number: 1 << 22 }.name(), None);
    }

    #[test]
    fn a_smaller_page_begins_with_the_same_user() {
        let page = |size, number| Page { inactive: false, size, number };
        assert_eq!(page(500, 1).smaller(), Some(page(100, 1)));
        assert_eq!(page(500, 3).smaller(), Some(page(100, 11)));
        assert_eq!(page(200, 2).smaller(), Some(page(100, 3)));
        assert_eq!((page(250, 2).smaller(), page(100, 2).smaller(), page(50, 1).smaller()), (None, None, None));
    }
}
