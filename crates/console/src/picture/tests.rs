//! Pictures as a browser reads them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use scraper::{ElementRef, Html, Selector};

use super::sample::{at, band, quiet_day, working_day};
use super::{day, delays};
use crate::shown::{Band, DelayMinute, DelaySeries, Spread};

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn page(markup: maud::Markup) -> Html {
    Html::parse_fragment(&markup.into_string())
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    all(page, selector).iter().map(|element| element.text().collect()).collect()
}

fn number(element: ElementRef<'_>, name: &str) -> f64 {
    element.attr(name).unwrap().parse().unwrap()
}

/// What is said of the picture to whoever does not see it.
fn description(page: &Html) -> String {
    texts(page, "svg[role=img] > desc").concat()
}

/// A shape that is not closed would swallow the next one, and neither is drawn.
fn shapes_are_apart(page: &Html) {
    for shape in all(page, "rect, path, circle") {
        assert_eq!(shape.child_elements().count(), 0, "{}", shape.html());
    }
    assert!(all(page, "[style]").is_empty(), "the content security policy forbids styles of its own");
}

fn minute(at: Timestamp, p50: u64, p95: u64) -> DelayMinute {
    let seen = Spread { changes: 10, p50, p95, p99: p95, max: Some(p95) };
    DelayMinute { at, seen, happened: seen }
}

fn minutes(from: &str, delays: impl IntoIterator<Item = (i64, u64, u64)>) -> Vec<DelayMinute> {
    let from = at(from);
    let moved = |minutes| from + jiff::SignedDuration::from_mins(minutes);
    delays.into_iter().map(|(minutes, p50, p95)| minute(moved(minutes), p50, p95)).collect()
}

fn series(minutes: Vec<DelayMinute>) -> DelaySeries {
    DelaySeries { from: Some(at("2026-11-23T08:00:00Z")), until: Some(at("2026-11-23T12:00:00Z")), minutes }
}

#[test]
fn before_the_first_report_there_is_no_chart() {
    let page = page(delays(&DelaySeries::default(), &berlin()));
    assert!(all(&page, "svg").is_empty());
    assert!(texts(&page, "p").concat().contains("as soon as"));
}

#[test]
fn a_quiet_time_is_a_chart_that_says_so() {
    let page = page(delays(&series(Vec::new()), &berlin()));
    assert_eq!(texts(&page, "svg text.empty"), ["No change was told in this time."]);
    assert_eq!(description(&page), "From 09:00 to 13:00. No change was told in this time.");
    assert!(all(&page, "table").is_empty(), "there are no figures to be shown beside it");
    shapes_are_apart(&page);
}

#[test]
fn a_chart_has_both_curves_the_target_and_the_hours_of_the_viewer() {
    let page = page(delays(&series(minutes("2026-11-23T09:00:00Z", (0..60).map(|m| (m, 300, 900)))), &berlin()));
    shapes_are_apart(&page);
    for curve in ["path.p50", "path.p95", "path.between", "path.goal", "path.count"] {
        assert!(!all(&page, &format!("svg[role=img] {curve}")).is_empty(), "{curve}");
    }
    let hours = texts(&page, ".grid text");
    assert!(hours.contains(&"10:00".to_owned()) && hours.contains(&"1 s".to_owned()), "{hours:?}");
    assert_eq!(
        description(&page),
        "From 09:00 to 13:00. 600 changes; the worst minute is 10:59, in which 95 of 100 were told within 900 ms. It was \
         never above the target of 15 s."
    );
}

#[test]
fn a_gap_in_the_figures_is_a_gap_in_the_curves() {
    let whole = page(delays(&series(minutes("2026-11-23T09:00:00Z", (0..20).map(|m| (m, 300, 900)))), &berlin()));
    let gapped = (0..20).filter(|m| !(5..9).contains(m) && *m != 15).map(|m| (m, 300, 900));
    let gapped = page(delays(&series(minutes("2026-11-23T09:00:00Z", gapped)), &berlin()));
    let runs = |page: &Html| all(page, "svg[role=img] path.p50")[0].attr("d").unwrap().matches('M').count();
    assert_eq!(runs(&whole), 1);
    assert_eq!(runs(&gapped), 3, "the curve begins anew after each gap");
}

#[test]
fn a_slower_minute_is_higher_and_a_late_one_is_said() {
    let page = page(delays(&series(minutes("2026-11-23T09:00:00Z", [(0, 200, 400), (30, 20_000, 65_000)])), &berlin()));
    let d = all(&page, "svg[role=img] path.p95")[0].attr("d").unwrap().to_owned();
    let heights: Vec<f64> =
        d.split('M').skip(1).map(|run| run.split([' ', 'H']).nth(1).unwrap().parse().unwrap()).collect();
    assert!(heights[1] < heights[0], "{d}");
    let goal: f64 =
        all(&page, "svg[role=img] path.goal")[0].attr("d").unwrap().split([' ', 'H']).nth(1).unwrap().parse().unwrap();
    assert!(heights[1] < goal && goal < heights[0], "{goal} {heights:?}");
    assert!(description(&page).contains("above the target of 15 s in 1 minute"));
    assert_eq!(texts(&page, "tbody td:last-child"), ["above", "within"], "the newest line is first");
}

#[test]
fn the_figures_are_a_table_with_the_same() {
    let page = page(delays(&series(minutes("2026-11-23T09:00:00Z", (0..60).map(|m| (m, 300, 900)))), &berlin()));
    let rows = texts(&page, "tbody th[scope=row]");
    assert_eq!(rows, ["10:45", "10:30", "10:15", "10:00"]);
    assert_eq!(texts(&page, "tbody tr:first-child td"), ["150", "300 ms", "900 ms", "within"]);
    assert_eq!(all(&page, "table > caption").len(), 1);
}

#[test]
fn what_was_before_the_start_is_told_from_a_quiet_time() {
    let short = DelaySeries {
        from: Some(at("2026-11-23T11:50:00Z")),
        until: Some(at("2026-11-23T12:00:00Z")),
        minutes: minutes("2026-11-23T11:55:00Z", [(0, 300, 900)]),
    };
    let page = page(delays(&short, &berlin()));
    assert_eq!(texts(&page, "text.before"), ["not measured yet"]);
    let before = all(&page, "rect.before")[0];
    assert!(number(before, "width") > 700.0, "fifty of sixty minutes");
}

#[test]
fn a_day_has_a_band_for_each_side_and_says_how_they_differ() {
    let page = page(day(&working_day(), &berlin()));
    shapes_are_apart(&page);
    assert_eq!(texts(&page, "text.name"), ["PureConnect", "Genesys Cloud", "Routing status"]);
    assert_eq!(all(&page, "svg[role=img] .band.p-on-queue").len(), 4);
    assert_eq!(all(&page, "svg[role=img] .band.p-meal").len(), 2);
    assert_eq!(
        texts(&page, "svg[role=img] .differing title"),
        ["Different for 5 min, 12:00:00 to 12:05:00: wanted Meal, shown On Queue (Genesys Cloud took nothing)"]
    );
    assert_eq!(
        description(&page),
        "00:00:00 to 2026-11-24 00:00:00. PureConnect: 3 statuses. Genesys Cloud: 3 presences. Routing status: 1 value. The \
         two differ 1 time. 1 stretch is not to be relied on. All of it is in the tables on this page."
    );
}

#[test]
fn a_band_that_began_before_the_day_begins_at_its_edge_and_says_since_when() {
    let page = page(day(&working_day(), &berlin()));
    let first = all(&page, "svg[role=img] .band")[0];
    let rect = first.child_elements().find(|child| child.value().name() == "rect").unwrap();
    assert!((number(rect, "x") - 108.0).abs() < 0.1);
    let title: String = first.child_elements().next().unwrap().text().collect();
    assert_eq!(title, "On Queue (Available), 2026-11-22 18:00:00 to 12:00:00 (18 h)");
}

#[test]
fn bands_are_labelled_where_there_is_room_and_by_a_letter_where_there_is_little() {
    let mut tight = working_day();
    tight.from = at("2026-11-23T00:00:00Z");
    let page = page(day(&tight, &berlin()));
    assert_eq!(texts(&page, "svg[role=img] .band > text"), ["Available", "M", "Q", "On Queue", "M", "Q", "Idle"]);
    assert!(all(&page, "svg[role=img] .p-meal rect.pattern").len() == 2, "time off work has a pattern, too");
}

#[test]
fn the_future_of_today_is_empty_and_now_is_marked() {
    let page = page(day(&working_day(), &berlin()));
    let now = all(&page, "svg[role=img] .now path")[0].attr("d").unwrap().to_owned();
    let x: f64 = now[1..].split(' ').next().unwrap().parse().unwrap();
    assert!((x - (108.0 + 14.0 / 24.0 * 870.0)).abs() < 0.1, "{now}");
    let last = all(&page, "svg[role=img] .band.r-idle > rect")[0];
    assert!((number(last, "x") + number(last, "width") - x).abs() < 0.2, "what lasts is drawn until now");
    let yesterday = page_of_yesterday();
    assert!(all(&yesterday, ".now").is_empty());
}

fn page_of_yesterday() -> Html {
    page(day(&quiet_day("2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z", "2026-11-23T13:00:00Z"), &berlin()))
}

#[test]
fn a_day_without_anything_is_a_picture_of_nothing() {
    let page = page_of_yesterday();
    shapes_are_apart(&page);
    assert!(all(&page, ".band").is_empty());
    assert!(description(&page).contains("PureConnect: 0 statuses."));
}

#[test]
fn an_interval_that_lasts_is_shaded_until_now_and_its_words_are_text() {
    let page = page(day(&working_day(), &berlin()));
    let shade = all(&page, "svg[role=img] .untrusted rect.shade")[0];
    assert!((number(shade, "width") - 119.0 / 1440.0 * 870.0).abs() < 0.2);
    let title = texts(&page, "svg[role=img] .untrusted title").concat();
    assert_eq!(title, "Not to be relied on (target down), since 12:01:00 (1 h 59 min): 503 from <b>the platform</b>");
    assert!(all(&page, "svg b").is_empty());
    assert_eq!(texts(&page, "svg[role=img] > title"), ["Timeline of Ada <Lovelace>"]);
}

#[test]
fn days_on_which_the_clock_is_set_have_all_their_hours() {
    for (from, until, hours) in [
        ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23),
        ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25),
        ("2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z", 24),
    ] {
        // An hour of a wide picture has a mark of its own.
        let axis = super::axis::Axis::new(at(from), at(until), 0.0, 2_000.0);
        assert_eq!(axis.marks(&berlin(), 68.0).len(), hours + 1, "{from}");
        let page = page(day(&quiet_day(from, until, "2026-11-30T00:00:00Z"), &berlin()));
        assert_eq!(texts(&page, ".grid text").first().unwrap(), "00:00", "{from}");
    }
}

#[test]
fn out_of_office_has_a_row_only_where_somebody_was() {
    assert!(!texts(&page(day(&working_day(), &berlin())), "text.name").contains(&"Out of office".to_owned()));
    let mut away = working_day();
    away.told.out_of_office = vec![
        band("2026-11-22T23:00:00Z", "2026-11-23T11:00:00Z", "off", None),
        band("2026-11-23T11:00:00Z", "2026-11-23T13:00:00Z", "on until 2026-12-01T00:00:00Z", None),
    ];
    let page = page(day(&away, &berlin()));
    assert!(texts(&page, "text.name").contains(&"Out of office".to_owned()));
    assert_eq!(all(&page, "svg[role=img] .band.o-on").len(), 1);
}

#[test]
fn hundreds_of_changes_are_one_picture() {
    let mut busy = quiet_day("2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z", "2026-11-24T00:00:00Z");
    let moment = |minute: i64| at("2026-11-22T23:00:00Z") + jiff::SignedDuration::from_mins(minute);
    busy.told.presence = (0..1_440)
        .map(|minute| Band {
            from: moment(minute),
            until: moment(minute + 1),
            ..band("2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z", if minute % 2 == 0 { "Away" } else { "Break" }, None)
        })
        .collect();
    let markup = day(&busy, &berlin()).into_string();
    assert!(markup.len() < 700_000, "{}", markup.len());
    assert_eq!(all(&Html::parse_fragment(&markup), "svg[role=img] .band").len(), 1_440);
}
