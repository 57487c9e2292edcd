//! What a script will ask whoever runs it for, as far as it says so in so many words.

use super::{Program, sandbox};
use crate::inputs::Input;
use rhai::{AST, ASTNode, Expr};

impl Program {
    /// `unit.value("NAME")`, `unit.barcode` and `unit.station` of the script and its modules.
    pub(crate) fn inputs(&self) -> Vec<Input> {
        let mut found = Vec::new();
        inputs_of(&self.ast, &mut found);
        let engine = sandbox::engine(&self.modules);
        for name in self.modules.names() {
            let text = self.modules.text(name).unwrap_or_default();
            // It has been compiled with the script.
            if let Ok(ast) = engine.compile(text) {
                inputs_of(&ast, &mut found);
            }
        }
        found
    }
}

fn inputs_of(ast: &AST, found: &mut Vec<Input>) {
    ast.walk(&mut |path: &[ASTNode]| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Property(property, _))) => match property.2.as_str() {
                "barcode" => found.push(Input::Barcode),
                "station" => found.push(Input::StationName),
                _ => {}
            },
            Some(ASTNode::Expr(Expr::MethodCall(call, _))) if call.name == "value" => {
                if let [Expr::StringConstant(name, _)] = &call.args[..] {
                    found.push(Input::Value(name.to_string()));
                }
            }
            _ => {}
        }
        true
    });
}
