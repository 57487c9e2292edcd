//! Columns that line up.

use crate::render::visible;

/// Rows in columns, two spaces apart; the first row is the heading. A cell is one line of what can be seen, whatever is
/// in it.
pub fn table(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<_>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| visible(cell)).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up() {
        let row = |cells: &[&str]| {
            cells
                .iter()
                .map(|cell| (*cell).to_string())
                .collect::<Vec<_>>()
        };
        let text = super::table(&[row(&["name", "µs"]), row(&["a", "12"]), row(&["longer"])]);
        assert_eq!(text, "name    µs\na       12\nlonger\n");
        assert_eq!(super::table(&[]), "");
        let text = super::table(&[row(&["a\nPASS", "\x1b[2J"]), row(&["\u{202e}"])]);
        assert_eq!(text, "a\\nPASS   \\u{1b}[2J\n\\u{202e}\n");
    }
}
