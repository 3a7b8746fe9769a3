import { type ArrowFunctionExpression, type Function, type Node, parseSync, visitorKeys } from 'oxc-parser'

/** A file as its parser sees it: what it takes from where, what it does with names that are not its own, its functions. */
export interface Code {
  imports: Import[]
  uses: Use[]
  members: Member[]
  functions: { name: string; at: number; lines: number }[]
  /** Where it says `any`. */
  anys: number[]
  /** The line of a place. */
  lineAt: (at: number) => number
}

/** A statement that names a module: an import, an export from it, `import()`, or a type that is imported in place. */
export interface Import {
  /** `?` where the file computes it. */
  from: string
  /** What it takes and is there when the program runs; `*` is all of it. */
  names: string[]
  /** Whether nothing is left of it when the program runs. */
  isType: boolean
  at: number
}

/** What is done with a value. */
type How = 'call' | 'new' | 'instanceof' | 'read'

/** A name that the file does not declare itself, with the members that are taken of it: `Date`, `now`. */
export interface Use {
  /** One that was imported is `package#name`, however the file calls it. */
  path: string[]
  how: How
  args: Argument[]
  at: number
}

/** A member that is taken of anything: `getHours` of `date`. */
export interface Member {
  name: string
  /** The last name of what it is taken of. */
  of: string
  how: How
  args: Argument[]
  at: number
}

/** An argument, as far as it can be read without running the program. */
export type Argument =
  | { is: 'literal'; value: string | number }
  | { is: 'object'; keys: Map<string, Argument> }
  | { is: 'nothing' | 'spread' | 'unknown' }

/** A node, and what it stands in. */
interface Spot {
  node: Node
  up: Spot | undefined
  scope: Scope
}

/** What a name stands for: something imported, or a constant whose value can be looked up. */
interface Binding {
  imported?: string
  value?: Node
}

class Scope {
  readonly #names = new Map<string, Binding>()
  readonly #up: Scope | undefined
  readonly #holdsVar: boolean

  constructor(up?: Scope, holdsVar = true) {
    this.#up = up
    this.#holdsVar = holdsVar
  }

  declare(name: string, binding: Binding = {}): void {
    this.#names.set(name, binding)
  }

  find(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.#up?.find(name)
  }

  /** Where `var` declares. */
  get ofFunction(): Scope {
    return this.#holdsVar || this.#up === undefined ? this : this.#up.ofFunction
  }
}

/** Nodes that stand around a value and do not change it. */
const wrappers = new Set<Node['type']>([
  'ChainExpression',
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSInstantiationExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
])

const blocks = new Set<Node['type']>([
  'BlockStatement',
  'ForInStatement',
  'ForOfStatement',
  'ForStatement',
  'SwitchStatement',
])

export function readCode(source: string, file = 'code.ts'): Code {
  const { program, comments, errors } = parseSync(file, source)
  const [error] = errors
  if (error !== undefined) throw new Error(`${file}: ${error.message}`)

  const reader = new Reader()
  reader.visit({ node: program, up: undefined, scope: new Scope() })
  reader.visitTypes(program)

  const starts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const lineAt = (at: number) => starts.findLastIndex(start => start <= at) + 1
  const bare = comments.reduce(
    (text, { start, end }) =>
      text.slice(0, start) + text.slice(start, end).replaceAll(/[^\n]/g, ' ') + text.slice(end),
    source,
  )
  const functions = reader.functions.map(({ node, name }) => {
    const lines = bare.slice(node.start, node.end).split('\n')
    return { name, at: node.start, lines: lines.filter(line => line.trim() !== '').length }
  })
  // Only now is it known what is declared: a name may be used above the line that declares it.
  const uses = [...reader.names.flatMap(usesOf), ...reader.passedOn]
  return { imports: reader.imports, uses, members: reader.members(), functions, anys: reader.anys, lineAt }
}

/** Walks through the code of a file. Types are no code: nothing is left of them when the program runs. */
class Reader {
  readonly imports: Import[] = []
  readonly functions: { node: Node; name: string }[] = []
  readonly anys: number[] = []
  readonly names: Spot[] = []
  /** What is exported again at once. */
  readonly passedOn: Use[] = []
  readonly #members: Spot[] = []
  readonly #patterns: Spot[] = []

  members(): Member[] {
    const taken = this.#members.flatMap(spot => {
      const { node } = spot
      if (node.type !== 'MemberExpression') return []
      const { how, args } = wayOf(outermost(spot))
      return [{ name: memberName(node), of: lastName(node.object), how, args, at: node.start }]
    })
    const unpacked = this.#patterns.flatMap(({ node }) =>
      keysOf(node).map(name => ({ name, of: '', how: 'read' as const, args: [], at: node.start })),
    )
    return [...taken, ...unpacked]
  }

  visit(spot: Spot): void {
    const { node, scope } = spot
    switch (node.type) {
      case 'Identifier':
        this.names.push(spot)
        return
      case 'MetaProperty':
        if (node.meta.name === 'import') this.names.push(spot)
        return
      case 'MemberExpression':
        this.#members.push(spot)
        this.#visitAll(spot, [node.object, node.computed ? node.property : null])
        return
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
      case 'AccessorProperty':
        this.#visitAll(spot, [node.computed ? node.key : null, node.value])
        return
      case 'ObjectPattern':
        this.#patterns.push(spot)
        this.#visitAll(spot, node.properties)
        return
      case 'LabeledStatement':
        this.#visitAll(spot, [node.body])
        return
      case 'BreakStatement':
      case 'ContinueStatement':
        return
      case 'VariableDeclaration':
        // What is declared to be there is not there by that.
        if (node.declare === true) return
        for (const { id, init } of node.declarations) {
          const binding = node.kind === 'const' && init !== null ? { value: init } : {}
          declareAll(id, node.kind === 'var' ? scope.ofFunction : scope, binding)
        }
        this.#visitChildren(spot)
        return
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.#visitFunction(spot)
        return
      case 'ClassDeclaration':
      case 'ClassExpression': {
        if (node.declare === true) return
        const inner = node.type === 'ClassDeclaration' ? scope : new Scope(scope, false)
        if (node.id !== null) inner.declare(node.id.name)
        this.#visitAll({ ...spot, scope: inner }, [...node.decorators, node.superClass, node.body])
        return
      }
      case 'CatchClause': {
        const inner = { ...spot, scope: new Scope(scope, false) }
        if (node.param !== null) declareAll(node.param, inner.scope)
        this.#visitAll(inner, [node.param, node.body])
        return
      }
      case 'StaticBlock':
        this.#visitChildren({ ...spot, scope: new Scope(scope) })
        return
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
      case 'TSImportEqualsDeclaration':
        this.#visitModule(spot)
        return
      case 'ImportExpression':
        this.imports.push({ from: textOf(node.source) ?? '?', names: ['*'], isType: false, at: node.start })
        this.#visitChildren(spot)
        return
      default:
        if (wrappers.has(node.type) && 'expression' in node && typeof node.expression === 'object')
          this.#visitAll(spot, [node.expression])
        else if (blocks.has(node.type)) this.#visitChildren({ ...spot, scope: new Scope(scope, false) })
        else if (!node.type.startsWith('TS')) this.#visitChildren(spot)
    }
  }

  /** Finds what the types of a file say, and what they import in place. */
  visitTypes(node: Node): void {
    if (node.type === 'TSAnyKeyword') this.anys.push(node.start)
    if (node.type === 'TSImportType')
      this.imports.push({ from: node.source.value, names: [], isType: true, at: node.start })
    for (const child of childrenOf(node)) this.visitTypes(child)
  }

  #visitChildren(spot: Spot): void {
    this.#visitAll(spot, childrenOf(spot.node))
  }

  #visitAll(up: Spot, nodes: (Node | null)[]): void {
    for (const node of nodes) if (node !== null) this.visit({ node, up, scope: up.scope })
  }

  #visitFunction(spot: Spot): void {
    const { node, scope } = spot
    if (!isFunction(node) || node.body === null || ('declare' in node && node.declare)) return
    this.functions.push({ node, name: functionName(spot) })
    const inner = { ...spot, scope: new Scope(scope) }
    if (node.type !== 'ArrowFunctionExpression') inner.scope.declare('arguments')
    if (node.id !== null) (node.type === 'FunctionDeclaration' ? scope : inner.scope).declare(node.id.name)
    for (const param of node.params) declareAll(param, inner.scope)
    this.#visitAll(inner, node.params)
    // A default of a parameter does not see what the body declares.
    this.#visitAll({ ...inner, scope: new Scope(inner.scope) }, [node.body])
  }

  #visitModule(spot: Spot): void {
    const { node, scope } = spot
    if (node.type === 'ExportNamedDeclaration' && node.source === null) {
      const values = node.specifiers.filter(specifier => specifier.exportKind !== 'type')
      const names = node.exportKind === 'type' ? [] : values.map(specifier => specifier.local)
      this.#visitAll(spot, [node.declaration, ...names])
    } else if (node.type === 'TSImportEqualsDeclaration') {
      const { moduleReference: named } = node
      const from = named.type === 'TSExternalModuleReference' ? named.expression.value : '?'
      this.imports.push({ from, names: ['*'], isType: node.importKind === 'type', at: node.start })
      scope.declare(node.id.name)
    } else if (node.type === 'ExportAllDeclaration') {
      const isType = node.exportKind === 'type'
      this.imports.push({ from: node.source.value, names: isType ? [] : ['*'], isType, at: node.start })
    } else if (node.type === 'ImportDeclaration' || node.type === 'ExportNamedDeclaration') {
      const from = node.source?.value ?? ''
      const kind = node.type === 'ImportDeclaration' ? node.importKind : node.exportKind
      const names: string[] = []
      for (const specifier of node.specifiers) {
        if (kind === 'type' || ('importKind' in specifier && specifier.importKind === 'type')) continue
        if ('exportKind' in specifier && specifier.exportKind === 'type') continue
        const name = takenName(specifier)
        names.push(name)
        const imported = `${from}#${name}`
        if (specifier.type !== 'ExportSpecifier') scope.declare(specifier.local.name, { imported })
        else this.passedOn.push({ path: [imported], how: 'read', args: [], at: node.start })
      }
      // `import 'module'` takes nothing, and runs it.
      const isType = kind === 'type' || (node.specifiers.length > 0 && names.length === 0)
      this.imports.push({ from, names, isType, at: node.start })
    }
  }
}

function childrenOf(node: Node): Node[] {
  const parts = node as unknown as Record<string, Node | (Node | null)[] | null | undefined>
  const children: Node[] = []
  for (const key of visitorKeys[node.type] ?? []) {
    const part = parts[key] ?? []
    for (const child of Array.isArray(part) ? part : [part]) if (child !== null) children.push(child)
  }
  return children
}

function isFunction(node: Node): node is Function | ArrowFunctionExpression {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  )
}

/** Declares every name that a pattern binds; a value is known only of a name that stands alone. */
function declareAll(pattern: Node, scope: Scope, binding: Binding = {}): void {
  switch (pattern.type) {
    case 'Identifier':
      scope.declare(pattern.name, binding)
      return
    case 'AssignmentPattern':
      declareAll(pattern.left, scope)
      return
    case 'RestElement':
      declareAll(pattern.argument, scope)
      return
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element !== null) declareAll(element, scope)
      return
    case 'ObjectPattern':
      for (const property of pattern.properties)
        declareAll(property.type === 'RestElement' ? property : property.value, scope)
  }
}

/** What is done with a name that the file does not declare, or has imported. */
function usesOf(spot: Spot): Use[] {
  const { node, scope } = spot
  const binding = node.type === 'Identifier' ? scope.find(node.name) : undefined
  if (binding !== undefined && binding.imported === undefined) return []
  const path = [node.type === 'Identifier' ? (binding?.imported ?? node.name) : 'import.meta']
  let end = outermost(spot)
  while (end.up?.node.type === 'MemberExpression' && end.up.node.object === end.node) {
    path.push(memberName(end.up.node))
    end = outermost(end.up)
  }
  const { how, args } = wayOf(end)
  const pattern = patternOf(end)
  const paths = pattern === undefined ? [path] : keysOf(pattern).map(key => [...path, key])
  return paths.map(each => ({ path: each, how, args, at: node.start }))
}

/** The same value with what is wrapped around it. */
function outermost(spot: Spot): Spot {
  return spot.up !== undefined && wrappers.has(spot.up.node.type) ? outermost(spot.up) : spot
}

function wayOf({ node, up, scope }: Spot): { how: How; args: Argument[] } {
  const around = up?.node
  if (around?.type === 'CallExpression' && around.callee === node)
    return { how: 'call', args: around.arguments.map(each => argumentOf(each, scope)) }
  if (around?.type === 'NewExpression' && around.callee === node)
    return { how: 'new', args: around.arguments.map(each => argumentOf(each, scope)) }
  if (around?.type === 'BinaryExpression' && around.operator === 'instanceof' && around.right === node)
    return { how: 'instanceof', args: [] }
  return { how: 'read', args: [] }
}

/** The pattern that takes a value apart at once. */
function patternOf({ node, up }: Spot): Node | undefined {
  const around = up?.node
  const target =
    around?.type === 'VariableDeclarator' && around.init === node
      ? around.id
      : (around?.type === 'AssignmentExpression' || around?.type === 'AssignmentPattern') &&
          around.right === node
        ? around.left
        : undefined
  // Of an empty pattern there would be no use at all.
  return target?.type === 'ObjectPattern' && target.properties.length > 0 ? target : undefined
}

function argumentOf(node: Node, scope: Scope): Argument {
  const text = textOf(node)
  if (text !== undefined) return { is: 'literal', value: text }
  if (node.type === 'Literal' && typeof node.value === 'number') return { is: 'literal', value: node.value }
  if (node.type === 'SpreadElement') return { is: 'spread' }
  if (node.type === 'ArrayExpression' && node.elements.length === 0) return { is: 'nothing' }
  if (node.type === 'Identifier') {
    const binding = scope.find(node.name)
    if (binding === undefined && node.name === 'undefined') return { is: 'nothing' }
    const value = binding?.value
    return value === undefined || value.type === 'Identifier' ? { is: 'unknown' } : argumentOf(value, scope)
  }
  if (wrappers.has(node.type) && 'expression' in node && typeof node.expression === 'object')
    return argumentOf(node.expression, scope)
  if (node.type !== 'ObjectExpression') return { is: 'unknown' }
  const keys = node.properties.flatMap((property): [string, Argument][] =>
    property.type === 'Property' ? [[keyName(property), argumentOf(property.value, scope)]] : [],
  )
  return { is: 'object', keys: new Map(keys) }
}

/** The keys of a pattern; `?` stands for what is left, and for a key that is computed. */
function keysOf(pattern: Node): string[] {
  if (pattern.type !== 'ObjectPattern') return []
  return pattern.properties.map(property => (property.type === 'Property' ? keyName(property) : '?'))
}

function keyName({ key, computed }: { key: Node; computed: boolean }): string {
  if (key.type === 'PrivateIdentifier') return `#${key.name}`
  if (!computed && key.type === 'Identifier') return key.name
  if (key.type === 'Literal' && typeof key.value === 'number') return String(key.value)
  if (key.type === 'MemberExpression' && lastName(key.object) === 'Symbol') return `Symbol.${memberName(key)}`
  return textOf(key) ?? '?'
}

function memberName({ property, computed }: { property: Node; computed: boolean }): string {
  return keyName({ key: property, computed })
}

/** `lines` of `this.lines` and `lines`, `keys` of `map.keys()` */
function lastName(node: Node): string {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'MemberExpression') return memberName(node)
  if (node.type === 'CallExpression') return lastName(node.callee)
  return wrappers.has(node.type) && 'expression' in node && typeof node.expression === 'object'
    ? lastName(node.expression)
    : '?'
}

function functionName({ node, up }: Spot): string {
  const around = up?.node
  if ('id' in node && node.id?.type === 'Identifier') return node.id.name
  if (around?.type === 'VariableDeclarator') return lastName(around.id)
  return around !== undefined && 'key' in around && 'computed' in around ? keyName(around) : 'a function'
}

function takenName(specifier: Node): string {
  if (specifier.type === 'ImportNamespaceSpecifier') return '*'
  if (specifier.type === 'ImportSpecifier') return exportedName(specifier.imported)
  return specifier.type === 'ExportSpecifier' ? exportedName(specifier.local) : 'default'
}

function exportedName(name: Node): string {
  return name.type === 'Identifier' ? name.name : (textOf(name) ?? '?')
}

/** A text that is written out. */
function textOf(node: Node): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined
  return undefined
}
