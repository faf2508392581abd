import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../setup.mjs';
import { declarations } from './declarations.mjs';

const HIDDEN_BASE = '// Not exported, but part of the above\n';

/**
 * The report of each entry, by the name of its file. The exports of an earlier entry are named, and not repeated.
 *
 * @param {readonly { name: string; source: string; file: string }[]} entries
 * @returns {Map<string, string>}
 */
export function reports(entries) {
  const program = declarations(entries.map(({ source }) => join(root, source)));
  const checker = program.getTypeChecker();
  /** Where a declaration was shown first. */
  const shown = new Map();
  const made = new Map();
  const surfaces = entries.map((entry) => ({ entry, exported: exportsOf(entry) }));
  for (const { entry, exported } of surfaces)
    for (const { symbol } of exported) if (!shown.has(symbol)) shown.set(symbol, entry.name);
  for (const { entry, exported } of surfaces) made.set(`${entry.file}.api.md`, report(entry, exported));
  return made;

  function exportsOf({ source }) {
    const file = program.getSourceFile(join(root, source.replace(/\.tsx?$/, '.d.ts')));
    const module = file && checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${source} exports nothing`);
    return checker
      .getExportsOfModule(module)
      .map((symbol) => ({ name: symbol.name, symbol: resolved(symbol) }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  function report({ name }, exported) {
    const own = exported.filter(({ symbol }) => shown.get(symbol) === name);
    const hidden = reachable(own.map(({ symbol }) => symbol));
    const blocks = exported.map((item) =>
      shown.get(item.symbol) === name
        ? textOf(item.symbol)
        : `// ${item.name}: as in ${shown.get(item.symbol)}\n`,
    );
    if (hidden.length > 0)
      blocks.push(HIDDEN_BASE, ...hidden.map((symbol) => textOf(symbol, withoutConstructor)));
    return `# ${name}\n\nMade by \`npm run api\`.\n\n\`\`\`ts\n${blocks.join('\n')}\`\`\`\n`;
  }

  /** Declarations that these ones refer to and no entry exports, such as a base class. */
  function reachable(symbols) {
    const found = new Set();
    const queue = [...symbols];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      for (const declaration of next.declarations ?? []) visit(declaration);
    }
    return [...found].sort((left, right) => (left.name < right.name ? -1 : 1));

    function visit(node) {
      if (isInternal(node)) return;
      if (ts.isConstructorDeclaration(node) && found.has(checker.getSymbolAtLocation(node.parent.name)))
        return;
      if (ts.isIdentifier(node)) {
        const at = checker.getSymbolAtLocation(node);
        const symbol = at && resolved(at);
        if (symbol && isOurs(symbol) && !shown.has(symbol) && !found.has(symbol)) {
          found.add(symbol);
          queue.push(symbol);
        }
      }
      ts.forEachChild(node, visit);
    }
  }

  function resolved(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }
}

/** A class, function, variable or type that stands in a file of `src/` by itself. */
function isOurs(symbol) {
  const declaration = symbol.declarations?.[0];
  if (declaration === undefined) return false;
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return (
    ts.isSourceFile(statement.parent) &&
    !ts.isImportDeclaration(statement) &&
    statement.getSourceFile().fileName.startsWith(join(root, 'src'))
  );
}

/** A member that an app cannot use: a private one, or one for classes that extend it, which no app has. */
function isInternal(node) {
  const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword];
  return (
    (ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name)) ||
    (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => hidden.includes(kind)) === true)
  );
}

const printer = ts.createPrinter({ removeComments: true });

/** A symbol's declarations without comments and without what is internal. */
function textOf(symbol, ...more) {
  return (symbol.declarations ?? [])
    .map((declaration) => {
      const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
      const { transformed } = ts.transform(statement, [without(isInternal), ...more]);
      return `${printer.printNode(ts.EmitHint.Unspecified, transformed[0], statement.getSourceFile())}\n`;
    })
    .join('');
}

/** Leaves out the nodes that `unwanted` says. */
function without(unwanted) {
  return (context) => {
    const visit = (node) => (unwanted(node) ? undefined : ts.visitEachChild(node, visit, context));
    return (node) => ts.visitNode(node, visit);
  };
}

/** Nobody makes an object of a class that is not exported. */
const withoutConstructor = without(ts.isConstructorDeclaration);
