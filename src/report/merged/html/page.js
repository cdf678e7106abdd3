// The table of repositories and what it opens to. The view is kept in the fragment of the address, so that a link leads to it.
// Whatever a template or a repository names becomes a text node.
'use strict';

const PAGE = 50;
// On paper nobody turns pages.
const PRINTED = 2000;
const FILTERS = ['q', 'status', 'effect', 'why'];

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const find = (selector) => document.querySelector(selector);
const has = (object, name) => Object.hasOwn(object, name);
const rows = read('rows');
const words = read('words');
const table = find('.repositories');
const controls = find('.controls');

const STATUSES = Object.keys(words.statuses);
const LISTS = { reason: 'reasons', held: 'held_by', hazard: 'hazards', finding: 'findings', profile: 'profiles' };
const NUMBERS = ['changed', 'rewrites', 'held', 'left_alone', 'added', 'new_power', 'removed', 'kept', 'findings'];
const COLUMNS = ['repo', 'status', ...NUMBERS];
// What no field of a row holds as it is sorted.
const VALUES = {
  repo: (row) => row.key,
  status: (row) => STATUSES.indexOf(row.status),
  findings: (row) => row.errors + row.warnings,
};
const valueOf = (row, column) => (has(VALUES, column) ? VALUES[column](row) : row[column]);

// Characters that steer instead of showing are spelled out, as in the other formats.
const STEERING = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const spelled = (text) =>
  text.replace(STEERING, (c) => ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c] || `\\u{${c.codePointAt(0).toString(16)}}`);

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value) element.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child || child === 0) element.append(child instanceof Node ? child : spelled(String(child)));
  }
  return element;
}

// Lists may break behind a comma.
const code = (text) => h('code', null, text.split(/(?<=,)/).map((part) => [part, h('wbr')]));
// Messages mark what templates and shells spell by backticks.
const prose = (text) => text.split('`').map((part, at) => (at % 2 ? code(part) : part));
const figure = (number) => number.toLocaleString('en');
const faint = (...children) => h('span', { class: 'faint' }, children);
const counted = (number, one, many) => `${figure(number)} ${number === 1 ? one : many || `${one}s`}`;

// ---- The view

let view = {};
let written = '';

function restore() {
  const told = new URLSearchParams(location.hash.slice(1));
  const column = told.get('sort') || 'status';
  const name = column.replace(/^-/, '');
  view = {
    sort: COLUMNS.includes(name) ? name : 'status',
    down: column.startsWith('-'),
    page: Math.max(1, Math.floor(Number(told.get('page'))) || 1),
    open: new Set(told.getAll('open')),
  };
  for (const name of FILTERS) {
    controls.elements[name].value = told.get(name) || '';
    // Of what this report does not have the control stays empty.
    view[name] = controls.elements[name].value;
  }
}

function remember() {
  const told = new URLSearchParams();
  for (const name of FILTERS) if (view[name]) told.set(name, view[name]);
  const sort = (view.down ? '-' : '') + view.sort;
  if (sort !== 'status') told.set('sort', sort);
  if (view.page > 1) told.set('page', view.page);
  for (const key of view.open) told.append('open', key);
  written = told.size ? `#${told}` : '';
  if (written === location.hash) return;
  try {
    history.replaceState(null, '', written || location.pathname + location.search);
  } catch {
    // Browsers limit how often an address may change.
  }
}

function chosen() {
  const wanted = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  const [kind, ...rest] = view.why.split(':');
  const kept = rows.filter((row) =>
    (!view.status || row.status === view.status) &&
    (!view.effect || has(row.effects, view.effect)) &&
    (!view.why || has(row[LISTS[kind]], rest.join(':'))) &&
    wanted.every((word) => row.text.includes(word)));
  const before = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const sign = view.down ? -1 : 1;
  return kept.sort((a, b) => sign * before(valueOf(a, view.sort), valueOf(b, view.sort)) || a.number - b.number);
}

// ---- The table

function rowOf(row) {
  const open = view.open.has(row.key);
  const button = h('button', { type: 'button', 'aria-expanded': String(open), 'aria-controls': `opened-${row.number}` },
    h('bdi', null, row.key));
  const line = h('tr', { class: 'row' },
    h('th', { scope: 'row' }, button,
      row.repo !== row.key && h('p', null, h('bdi', null, row.repo)),
      row.message && h('p', null, prose(row.message))),
    h('td', null, h('span', { class: `status ${row.status}` }, words.statuses[row.status])),
    NUMBERS.map((name) => {
      const number = valueOf(row, name);
      return h('td', { class: !number && 'faint' }, figure(number));
    }));
  button.addEventListener('click', () => {
    const opens = !view.open.delete(row.key);
    if (opens) view.open.add(row.key);
    button.setAttribute('aria-expanded', String(opens));
    if (opens) line.after(openedOf(row));
    else line.nextSibling.remove();
    remember();
  });
  return open ? [line, openedOf(row)] : [line];
}

function openedOf(row) {
  return h('tr', { class: 'opened', id: `opened-${row.number}` }, h('td', { colspan: COLUMNS.length }, h('div', null, details(row))));
}

function show(limit = PAGE) {
  const list = chosen();
  const pages = Math.max(1, Math.ceil(list.length / PAGE));
  view.page = Math.min(view.page, pages);
  const from = limit === PAGE ? (view.page - 1) * PAGE : 0;
  table.tBodies[0].replaceChildren(...list.slice(from, from + limit).flatMap(rowOf));
  for (const head of table.tHead.querySelectorAll('[data-column]')) {
    const sorts = head.dataset.column === view.sort;
    head.setAttribute('aria-sort', !sorts ? 'none' : view.down ? 'descending' : 'ascending');
  }
  const all = counted(rows.length, 'repository', 'repositories');
  find('.count').textContent = list.length === rows.length ? all : `${figure(list.length)} of ${all}`;
  find('.pager').hidden = pages === 1;
  find('.pager span').textContent = `Page ${figure(view.page)} of ${figure(pages)}`;
  find('.back').disabled = view.page === 1;
  find('.on').disabled = view.page === pages;
}

function changed() {
  show();
  remember();
}

// ---- One repository, opened

function details(row) {
  const source = document.getElementById(`run-${row.number}`);
  if (!source) {
    const why = document.readyState === 'loading' ? 'The page is still loading.' : 'This page holds no details of it.';
    return [factsOf(row), h('p', null, faint(why))];
  }
  const run = JSON.parse(source.textContent);
  const telling = run.files.filter((file) => file.message || file.diff || file.mended ||
    file.rewrites.length + file.left_alone.length + file.findings.length > 0);
  const silent = run.files.length - telling.length;
  return [factsOf(row, run.repository || {}), telling.map(fileOf),
    silent > 0 && h('p', null, faint(`Nothing to tell of ${counted(silent, 'more template')}.`))];
}

function factsOf(row, told = {}) {
  const facts = [
    ['What became of it', [words.statuses[row.status], row.message && [': ', prose(row.message)]]],
    ['Base', row.base && code(row.base.slice(0, 12))],
    ['Commit', row.commit && [code(row.commit.slice(0, 12)), row.branch && [' on ', code(row.branch)]]],
    ['Work tree', told.dirty && 'holds changes that are not committed'],
    ['History', told.shallow && 'cut off (a shallow clone)'],
    ['Options not heeded', (told.passed_over || []).join(', ')],
    ['Submodules, left out', (told.submodules || []).join(', ')],
    ['Whoever deploys it needs', row.deployer_actions.join(', ')],
    ['Over the quota', row.over_quota > 0 && counted(row.over_quota, 'role')],
    ['Options', row.config_digest && code(row.config_digest.slice(0, 19))],
    ['Files', [row.report, row.patch].filter(Boolean).join(', ')],
  ];
  return h('dl', { class: 'facts' }, facts.map(([name, value]) => value && [h('dt', null, name), h('dd', null, value)]));
}

function fileOf(file) {
  return [
    h('h3', null, code(file.path), ' ', h('span', { class: 'tag faint' }, file.status)),
    file.message && h('p', { class: file.status === 'error' ? 'bad' : 'faint' }, prose(file.message)),
    file.rewrites.length > 0 && h('ul', null, file.rewrites.map(rewriteOf)),
    file.mended && [notesOf('Mended', file.mended.findings, {}), deltaOf(file.mended)],
    hazardsOf(file),
    notesOf('Left alone', file.left_alone, words.reasons),
    notesOf('Findings', file.findings, words.findings),
    quotaOf(file.roles),
    file.diff && h('h4', null, 'Diff'),
    file.diff && h('pre', { class: 'diff', tabindex: '0', role: 'region', 'aria-label': spelled(`Changes of ${file.path}`) }, diffOf(file.diff)),
  ];
}

function diffOf(diff) {
  const classes = { '+': 'in', '-': 'out', '@': 'hunk' };
  return diff.replace(/\n$/, '').split('\n').map((text, at) => {
    const line = h('span', { class: at < 2 ? 'hunk' : classes[text[0]] });
    // Lines of some files end in a carriage return, which no rewrite changes.
    line.textContent = text.replace(/\r$/, '').split('\t').map(spelled).join('\t') || ' ';
    return line;
  });
}

function rewriteOf(rewrite) {
  const held = rewrite.decision === 'held';
  const place = rewrite.places[0];
  return h('li', { class: 'rewrite' },
    h('div', { class: 'what' },
      h('strong', null, h('bdi', null, rewrite.source), ' → ', h('bdi', null, rewrite.destination)),
      h('span', null, rewrite.permissions.join(', ')),
      h('span', { class: ['same', 'equivalent'].includes(rewrite.effect) ? 'tag good' : 'tag care' }, rewrite.effect),
      rewrite.decision !== 'taken' && h('span', { class: held ? 'tag care' : 'tag' }, held ? 'held back' : 'filtered out'),
      faint(rewrite.id, place && place.start.line > 0 && ` · line ${figure(place.start.line)}`)),
    deltaOf(rewrite, held && releaseOf(rewrite)));
}

function deltaOf(delta, release) {
  const lists = [['+ adds', 'good', delta.added], ['− removes', 'bad', delta.removed], ['= keeps', 'faint', delta.kept]];
  const lines = lists.flatMap(([label, look, list]) =>
    phrases(list || []).map((phrase) => [h('dt', { class: look }, label), h('dd', null, phrase)]));
  if (lines.length === 0) lines.push([h('dt', null, faint('=')), h('dd', null, faint(words.effects.same))]);
  if (release) lines.push([h('dt', { class: 'care' }, '! held'), h('dd', null, release)]);
  return h('dl', { class: 'delta' }, lines);
}

// The service is named only where it changes.
const shortly = (actions) => actions.map((action, at) => {
  const service = `${action.split(':')[0]}:`;
  return at > 0 && actions[at - 1].startsWith(service) ? action.slice(service.length) : action;
}).join(', ');

// Permissions that differ only in their action, in one breath, but for those that IAM never matches.
function phrases(list) {
  const groups = new Map();
  for (const each of list.filter((permission) => !permission.inert)) {
    const implied = each.implied_by.length > 0;
    const key = JSON.stringify([each.principal, each.resource, each.on, each.condition, each.when, each.deny, implied, each.because]);
    if (!groups.has(key)) groups.set(key, { ...each, actions: [], by: new Set() });
    groups.get(key).actions.push(each.action);
    each.implied_by.forEach((action) => groups.get(key).by.add(action));
  }
  return [...groups.values()].map((group) => [
    group.on && [code(group.principal), ' may '],
    group.deny && 'denial of ',
    code(shortly(group.actions)), ' on ', code(group.on || group.resource),
    group.condition && ` (${group.condition})`,
    group.when && ` when ${group.when}`,
    group.by.size > 0 && faint(` implied by ${shortly([...group.by])}`),
    group.because && faint(` no new power: ${group.because}`),
  ]);
}

const releaseOf = ({ release, held_by: by }) =>
  release ? ['beyond consent; ', code(release), ' would allow it'] : has(words.held, by) ? words.held[by] : by;

function grouped(notes) {
  const kinds = new Map();
  for (const note of notes) kinds.set(note.id, [...(kinds.get(note.id) || []), note]);
  return [...kinds];
}

const explained = (meanings, id) => has(meanings, id) && faint(' ', prose(meanings[id]));
const section = (title, items) => items.length > 0 && [h('h4', null, title), h('ul', { class: 'notes' }, items)];

// A hazard comes with most rewrites of its kind: each message once.
function hazardsOf(file) {
  const kinds = grouped(file.rewrites.flatMap((rewrite) => (rewrite.decision === 'taken' ? rewrite.hazards : [])));
  return section('Before deploying', kinds.map(([id, list]) => h('li', null, h('strong', null, id), explained(words.hazards, id),
    [...new Set(list.map((hazard) => hazard.message))].map((text) => h('div', null, prose(text))))));
}

function notesOf(title, notes, meanings) {
  const place = (note) => note.start && note.start.line > 0 && faint(`line ${figure(note.start.line)} `);
  return section(`${title} (${figure(notes.length)})`, grouped(notes).map(([id, list]) =>
    h('li', null, h('strong', null, id), explained(meanings, id),
      list.map((note) => h('div', null, place(note), note.owner && [code(note.owner), ': '], prose(note.message))))));
}

function quotaOf(roles) {
  const grown = roles.filter(({ managed_policies: count }) => count.after > count.before);
  return section('Managed policies per role', grown.map(({ role, managed_policies: count }) =>
    h('li', { class: count.after > count.quota && 'bad' }, code(role), ` ${count.before} → ${count.after} of ${count.quota}`)));
}

// ---- Events

controls.addEventListener('submit', (event) => event.preventDefault());
controls.addEventListener('input', (event) => {
  view[event.target.name] = event.target.value;
  view.page = 1;
  changed();
});
controls.addEventListener('reset', () => {
  for (const name of FILTERS) view[name] = '';
  view.page = 1;
  changed();
});
for (const head of table.tHead.querySelectorAll('[data-column]')) {
  head.firstElementChild.addEventListener('click', () => {
    const column = head.dataset.column;
    // Of figures the large ones first.
    view.down = view.sort === column ? !view.down : NUMBERS.includes(column);
    view.sort = column;
    view.page = 1;
    changed();
  });
}
for (const [selector, step] of [['.back', -1], ['.on', 1]]) {
  find(selector).addEventListener('click', () => {
    view.page += step;
    changed();
    table.scrollIntoView();
  });
}
document.addEventListener('keydown', (event) => {
  const typing = /^(INPUT|SELECT)$/.test(event.target.tagName);
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    controls.elements.q.focus();
  }
});
addEventListener('hashchange', () => {
  // Without `=` it names a place in the page.
  if (location.hash === written || (location.hash && !location.hash.includes('='))) return;
  restore();
  changed();
  find('#repositories').scrollIntoView();
});
addEventListener('beforeprint', () => show(PRINTED));
addEventListener('afterprint', () => show());
// Details and advice stand behind this script: the page can be used while they are still coming in.
document.addEventListener('DOMContentLoaded', () => {
  const advice = document.getElementById('advice');
  if (advice) {
    find('.steps').append(...advice.querySelectorAll('li'));
    advice.remove();
  }
  if (view.open.size > 0) show();
});

rows.forEach((row, number) => {
  row.number = number;
  row.text = [row.key, row.repo, row.message, row.branch, row.commit, row.reason, words.statuses[row.status],
    ...Object.keys(row.profiles)].join('\n').toLowerCase();
});
find('#repositories').hidden = false;
restore();
show();
