//! Pictures of each page, light and dark, of a working day: for the documentation, and because only eyes see what is ugly.
//!
//! `cargo xtask images` keeps them in `docs/images`. Otherwise the day is short, and they are thrown away.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::browser::{Browser, Colours};
use crate::harness::{Process, client, until, within};

/// Where they are kept, if anywhere.
const FOLDER: &str = "PRESENCE_BRIDGE_IMAGES";

/// A page of the documentation is not to be slow because of them.
const LARGEST: u64 = 200_000;

/// Where the day begins in the morning, by the hours that the place is ahead of UTC. Simulated days begin when the
/// simulators are started, at whatever time that is here.
const PLACES: [(i64, &str); 24] = [
    (-11, "Pacific/Pago_Pago"),
    (-10, "Pacific/Honolulu"),
    (-9, "Pacific/Gambier"),
    (-8, "Pacific/Pitcairn"),
    (-7, "America/Phoenix"),
    (-6, "America/Costa_Rica"),
    (-5, "America/Panama"),
    (-4, "America/Puerto_Rico"),
    (-3, "America/Sao_Paulo"),
    (-2, "America/Noronha"),
    (-1, "Atlantic/Cape_Verde"),
    (0, "Africa/Abidjan"),
    (1, "Africa/Lagos"),
    (2, "Africa/Johannesburg"),
    (3, "Africa/Nairobi"),
    (4, "Asia/Dubai"),
    (5, "Asia/Karachi"),
    (6, "Asia/Dhaka"),
    (7, "Asia/Bangkok"),
    (8, "Asia/Singapore"),
    (9, "Asia/Tokyo"),
    (10, "Australia/Brisbane"),
    (11, "Pacific/Noumea"),
    (12, "Pacific/Fiji"),
];

/// The longest that a morning takes here.
const MORNINGS: Duration = Duration::from_secs(170);

/// The hour at which the day is to begin.
const MORNING: i64 = 8;

/// A page, as it is photographed.
struct Sight {
    name: &'static str,
    path: String,
    height: u32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_page_of_a_working_day_is_looked_at() {
    let folder = std::env::var_os(FOLDER).map(PathBuf::from);
    // As many agents as fill a page. Where the pictures are to be kept, there is time for a morning at a speed that no
    // computer is late at.
    let (speed, morning) = if folder.is_some() { ("60", 2 * 3_600) } else { ("360", 1_200) };
    let day = ["demo", "--agents", "80", "--speed", speed, "--console", "127.0.0.1:0", "--rate", "3000"];
    let mut demo = Process::start(&day);
    let said = demo.prints("http://").await;
    let origin = said.split_whitespace().find_map(console_of).unwrap_or_else(|| panic!("no console in:\n{said}"));
    let began = link_time(&origin).await;
    within(MORNINGS, "the morning is over", || async {
        let passed = link_time(&origin).await.duration_since(began);
        (passed.as_secs() >= morning).then_some(())
    })
    .await;

    let browser = Browser::at(&origin).await;
    browser.lives_in(place(began)).await;
    let agent = busiest(&origin).await;
    for sight in sights(&agent) {
        browser.screen(1_280, sight.height, false).await;
        browser.goto(&sight.path).await;
        browser
            .until("document.getElementById('zone').innerText === Intl.DateTimeFormat().resolvedOptions().timeZone")
            .await;
        let mut both = Vec::new();
        for (colours, name) in [(Colours::Light, "light"), (Colours::Dark, "dark")] {
            browser.prefers(colours).await;
            let picture = browser.picture().await;
            if let Some(folder) = &folder {
                std::fs::write(folder.join(format!("{}-{name}.png", sight.name)), &picture).unwrap();
            }
            both.push(picture);
        }
        assert_ne!(both[0], both[1], "{} is another one in the dark", sight.name);
    }
    browser.leave().await;
    demo.signal("TERM").await;
    demo.finish().await;
}

#[test]
fn the_documentation_has_a_picture_of_each_page() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/images");
    let mut kept: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    kept.sort();
    for name in &kept {
        let length = std::fs::metadata(format!("{folder}/{name}")).unwrap().len();
        assert!(length < LARGEST, "{name} has {length} bytes");
    }
    let mut wanted: Vec<String> = sights("")
        .iter()
        .flat_map(|sight| ["light", "dark"].map(|colours| format!("{}-{colours}.png", sight.name)))
        .collect();
    wanted.sort();
    assert_eq!(kept, wanted, "`cargo xtask images` takes them");
}

fn sights(agent: &str) -> [Sight; 7] {
    let page = |page: &str| format!("/links/default/{page}");
    [
        Sight { name: "overview", path: "/".to_owned(), height: 900 },
        Sight { name: "agents", path: page("agents"), height: 900 },
        Sight { name: "agent", path: page(&format!("agents/{agent}")), height: 900 },
        Sight { name: "day", path: page(&format!("agents/{agent}?part=shift#day")), height: 1_000 },
        Sight { name: "mapping", path: page("mapping"), height: 1_000 },
        Sight { name: "users", path: page("users"), height: 900 },
        Sight { name: "health", path: page("health"), height: 1_000 },
    ]
}

/// The console's address, where a word is one.
fn console_of(word: &str) -> Option<String> {
    word.strip_prefix("http://").map(|rest| format!("http://{}", rest.trim_end_matches(['/', '.', ',', ';'])))
}

async fn ask(origin: &str, path: &str) -> Option<Value> {
    let answer = client().get(format!("{origin}{path}")).send().await.ok()?;
    serde_json::from_slice(&answer.bytes().await.ok()?).ok()
}

/// What time it is for the link, once it runs.
async fn link_time(origin: &str) -> Timestamp {
    until("the link's time", || async {
        let links = ask(origin, "/api/v1/links").await?;
        links[0]["report"]["at"].as_str()?.parse().ok()
    })
    .await
}

/// The agent with the most to be seen.
async fn busiest(origin: &str) -> String {
    until("agents", || async {
        let agents = ask(origin, "/api/v1/links/default/agents?routing=INTERACTING&limit=1").await?;
        Some(agents["agents"][0]["agent"].as_str()?.to_owned())
    })
    .await
}

/// Where it is morning.
fn place(began: Timestamp) -> &'static str {
    let hour = began.as_second().rem_euclid(86_400) / 3_600;
    let ahead = (MORNING - hour + 11).rem_euclid(24) - 11;
    PLACES.iter().find(|(hours, _)| *hours == ahead).expect("all hours are there").1
}
