//! What takes more than a press: a thing dragged, a line that is cut, a file that was downloaded, a code that is scanned.

use std::time::Instant;

use thirtyfour::cdp::domains::network::NetworkConditions;

use crate::browser::{Browser, PATIENCE};

impl Browser {
    /// Drags what one selector finds onto the upper half of what another finds, as a hand does: takes it, moves a
    /// little, moves there, lets go.
    pub async fn drag(&self, from: &str, onto: &str) {
        let (from, onto) = (self.present(from).await, self.present(onto).await);
        onto.scroll_into_view().await.unwrap();
        let quarter = (onto.rect().await.unwrap().height / 4.0) as i64;
        let hand = self.driver.action_chain().move_to_element_center(&from).click_and_hold().move_by_offset(4, -4);
        let hand =
            hand.move_to_element_with_offset(&onto, 3, 1 - quarter).move_to_element_with_offset(&onto, 0, -quarter);
        hand.release().perform().await.unwrap();
    }

    /// The line that this page has: none, or one that takes so many bytes a second; -1 for all it can.
    pub async fn line(&self, bytes_per_second: Option<i32>) {
        let offline = bytes_per_second.is_none();
        let upload_throughput = bytes_per_second.unwrap_or(0);
        let line = NetworkConditions { offline, upload_throughput, ..NetworkConditions::default() };
        let tools = self.driver.cdp();
        // Otherwise what scripts ask for has the line there is.
        tools.network().enable().await.unwrap();
        tools.network().emulate_network_conditions(line).await.unwrap();
    }

    /// What was downloaded under a name, once it is there.
    pub async fn downloaded(&self, name: &str) -> Vec<u8> {
        let until = Instant::now() + PATIENCE;
        loop {
            // It bears another name until it is whole.
            if let Ok(content) = std::fs::read(self.downloads.join(name)) {
                return content;
            }
            assert!(Instant::now() < until, "{name} was not downloaded on {}", self.path().await);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// What the one code says that a selector finds, read off the screen as a banking app's camera does.
    pub async fn scanned(&self, css: &str) -> String {
        let code = self.present(css).await;
        code.scroll_into_view().await.unwrap();
        let screen = image::load_from_memory(&code.screenshot_as_png().await.unwrap()).unwrap();
        let grey = screen.to_luma8();
        let (width, height) = (grey.width() as usize, grey.height() as usize);
        let codes: Vec<_> = quircs::Quirc::default().identify(width, height, &grey).collect();
        let [Ok(code)] = codes.as_slice() else { panic!("{} codes in {css}", codes.len()) };
        String::from_utf8(code.decode().unwrap().payload).unwrap()
    }
}
