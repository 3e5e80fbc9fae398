// Parse queries with the parser of the services themselves, against the tables they ask.
//
//   node judge.cjs PACKAGE < [{"query": "...", "tables": {"Name": "(Column: type, ...)"}}, ...]
//
// Prints, as JSON, what the parser has against each query: an empty list if nothing.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const folder = process.argv[2];
for (const name of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, name), "utf8"), { filename: name });
}
const { KustoCode, GlobalState } = globalThis.Kusto.Language;
const { TableSymbol, DatabaseSymbol } = globalThis.Kusto.Language.Symbols;

function judged({ query, tables }) {
  const symbols = Object.entries(tables).map(
    ([name, schema]) => new TableSymbol.$ctor7(name, schema, ""),
  );
  const members = System.Array.init(symbols, globalThis.Kusto.Language.Symbols.Symbol);
  const globals = GlobalState.Default.WithDatabase(
    new DatabaseSymbol.$ctor3("logs", null, members, false),
  );
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const found = code.GetDiagnostics();
  const told = [];
  for (let at = 0; at < found.Count; at += 1) {
    const one = found.getItem(at);
    told.push(`${one.Severity}: ${one.Message} at ${query.slice(one.Start, one.Start + 40)}`);
  }
  return told;
}

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.map(judged)));
