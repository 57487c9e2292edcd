//! A table of figures, for a terminal.

/// Rows under a title.
pub struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<(String, Vec<Cell>)>,
}

/// One figure.
pub struct Cell(String);

impl From<f64> for Cell {
    fn from(number: f64) -> Cell {
        Cell(format!("{number:.0}"))
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell(text.to_owned())
    }
}

impl Table {
    pub fn new(title: &str, columns: &[&str]) -> Table {
        Table {
            title: title.to_owned(),
            columns: columns.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, name: &str, cells: impl IntoIterator<Item = Cell>) {
        self.rows
            .push((name.to_owned(), cells.into_iter().collect()));
    }

    /// Writes it to standard output.
    pub fn print(&self) {
        let names = self.rows.iter().map(|(name, _)| name.as_str());
        let width = widest(names.chain([self.title.as_str()]));
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                let cells = self.rows.iter().filter_map(|(_, cells)| cells.get(at));
                widest(
                    cells
                        .map(|it| it.0.as_str())
                        .chain([self.columns[at].as_str()]),
                )
            })
            .collect();
        let line = |name: &str, cells: &mut dyn Iterator<Item = &str>| {
            let mut line = format!("{name:<width$}");
            for (cell, width) in cells.zip(&widths) {
                line += &format!("  {cell:>width$}");
            }
            println!("{}", line.trim_end());
        };
        println!();
        line(&self.title, &mut self.columns.iter().map(String::as_str));
        for (name, cells) in &self.rows {
            line(
                &format!("  {name}"),
                &mut cells.iter().map(|it| it.0.as_str()),
            );
        }
    }
}

/// Characters of the longest, with room to indent it.
fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts
        .map(|text| text.chars().count() + 2)
        .max()
        .unwrap_or(0)
}
