//! How wide text is, without a font: widths of a common sans-serif face, rounded up.

/// Widths of the printable ASCII characters, space first, in hundredths of the text's height.
const WIDTHS: [u8; 95] = [
    32, 40, 46, 84, 64, 95, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, // space to /
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54, // 0 to ?
    100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 32, 66, 56, 87, 75, 79, // @ to O
    61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50, // P to _
    50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, // ` to o
    64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84, // p to ~
];

/// Any other character: most letters are narrower, ideographs about as wide as high.
const OTHER: u32 = 65;
const WIDE: u32 = 100;

/// The width of `text` in tenths of a pixel, `height` tenths of a pixel high.
pub fn width(text: &str, height: u32) -> u32 {
    text.chars().map(of).sum::<u32>() * height / 100
}

fn of(letter: char) -> u32 {
    let place = u32::from(letter).checked_sub(32);
    let ascii = place.and_then(|place| WIDTHS.get(place as usize));
    match ascii {
        Some(width) => u32::from(*width),
        None if u32::from(letter) >= 0x1100 => WIDE,
        None => OTHER,
    }
}

/// As much of `text` as fits into `room`, with an ellipsis where something is left out.
pub fn fit(text: &str, height: u32, room: u32) -> String {
    if width(text, height) <= room {
        return text.to_owned();
    }
    let room = room.saturating_sub(width("…", height));
    let mut used = 0;
    let mut fitting: String = text
        .chars()
        .take_while(|letter| {
            used += of(*letter) * height / 100;
            used <= room
        })
        .collect();
    fitting.push('…');
    fitting
}
