// All that the page can do without this script still works: folding, both views of a diff, both themes.
(() => {
  'use strict';
  const byId = (id) => document.getElementById(id);
  const items = [...document.querySelectorAll('.item')];
  const search = byId('search');

  // The choices last, where the browser lets a file keep something.
  const keep = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch { /* then they last as long as the page */ }
    return null;
  };
  for (const name of ['theme', 'view']) {
    const radios = [...document.querySelectorAll(`input[name=${name}]`)];
    const kept = radios.find((radio) => radio.id === keep(`ocl-migrate.${name}`));
    if (kept) kept.checked = true;
    for (const radio of radios) {
      radio.addEventListener('change', () => keep(`ocl-migrate.${name}`, radio.id));
    }
  }

  // A link leads into what is folded.
  const reveal = () => {
    let place = byId(location.hash.slice(1));
    if (!place) return;
    for (let at = place; at; at = at.parentElement) {
      at.hidden = false;
      if (at.tagName === 'DETAILS') at.open = true;
    }
    place.scrollIntoView();
  };
  addEventListener('hashchange', reveal);

  // Printed, everything is there.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = items.filter((item) => !item.open);
    for (const item of folded) item.open = true;
  });
  addEventListener('afterprint', () => {
    for (const item of folded) item.open = false;
  });

  let redraw = () => {};
  if (byId('graph')) setUpGraph();
  const keysOn = byId('keys-on');
  byId('keys').hidden = items.length === 0;
  if (search) setUpSearch();
  if (location.hash) reveal();

  function setUpSearch() {
    const found = byId('found');
    const fold = byId('fold');
    const nothing = document.querySelector('.nothing');
    search.closest('.tools').hidden = false;

    // What is looked through is read once.
    const text = (element) => element.textContent.toLowerCase();
    const entries = items.map((item) => {
      const title = [...item.querySelectorAll(':scope > summary .key, :scope > summary .pill')].map(text).join(' ');
      const lists = [...item.querySelectorAll(':scope .refs, :scope tbody.rows')].map((list) => ({
        list,
        rows: [...list.children].map((row) => ({ row, key: `${text(row)} ${title}` })),
      }));
      return { item, title, lists, hits: item.querySelector('.hits'), wasOpen: item.open };
    });
    const total = entries.reduce((sum, entry) => sum + size(entry), 0);
    function size(entry) {
      return entry.lists.length ? entry.lists.reduce((sum, { rows }) => sum + rows.length, 0) : 1;
    }
    const show = (element, shown) => {
      if (element.hidden === shown) element.hidden = !shown;
    };

    let searching = false;
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (key) => words.every((word) => key.includes(word));
      if (words.length && !searching) for (const entry of entries) entry.wasOpen = entry.item.open;
      let hits = 0;
      let opened = 0;
      for (const entry of entries) {
        let here = 0;
        for (const { list, rows } of entry.lists) {
          let inList = 0;
          for (const { row, key } of rows) {
            const shown = fits(key);
            show(row, shown);
            inList += shown;
          }
          show(list, inList > 0);
          here += inList;
        }
        if (!entry.lists.length) here = fits(entry.title) ? 1 : 0;
        show(entry.item, here > 0);
        if (entry.hits) entry.hits.textContent = words.length ? String(here) : '';
        if (words.length) {
          // What fits is opened if it can be taken in.
          if (entry.lists.length) {
            const open = here > 0 && here <= 200 && opened < 600;
            entry.item.open = open;
            opened += open ? here : 0;
          }
        } else if (searching) {
          entry.item.open = entry.wasOpen;
        }
        hits += here;
      }
      searching = words.length > 0;
      redraw();
      found.textContent = searching ? `${hits} of ${total}` : '';
      nothing.hidden = !searching || hits > 0;
    };
    search.addEventListener('input', filter);

    const visible = () => items.filter((item) => !item.hidden);
    const label = () => {
      fold.textContent = visible().some((item) => item.open) ? 'Fold all' : 'Unfold all';
    };
    const foldAll = () => {
      const open = !visible().some((item) => item.open);
      for (const item of visible()) item.open = open;
      label();
    };
    fold.addEventListener('click', foldAll);
    for (const item of items) item.addEventListener('toggle', label);
    label();

    const move = (by) => {
      const shown = visible();
      const at = shown.findIndex((item) => item.contains(document.activeElement));
      const to = at < 0 ? (by > 0 ? 0 : shown.length - 1) : at + by;
      const summary = shown[to]?.querySelector('summary');
      summary?.focus({ preventScroll: true });
      summary?.scrollIntoView({ block: 'nearest' });
    };
    const actions = {
      j: () => move(1),
      k: () => move(-1),
      e: foldAll,
      '/': () => search.select(),
      v: () => {
        const other = document.querySelector('input[name=view]:not(:checked)');
        other?.click();
      },
    };
    addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && document.activeElement === search) {
        search.value = '';
        filter();
        search.blur();
        return;
      }
      const typing = event.target.matches?.('input:not([type=radio], [type=checkbox]), textarea, select');
      if (typing || event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) return;
      const action = actions[event.key];
      if (action) {
        event.preventDefault();
        action();
      }
    });
  }

  // Documents on the left, things on the right: those that fit the search, the neighbours of one of them, or only the kinds.
  function setUpGraph() {
    const graph = byId('graph');
    const svg = graph.querySelector('svg');
    const drawn = byId('drawn');
    const whole = byId('whole');
    const narrow = matchMedia('(max-width: 40rem)');
    const MOST = 70;
    const ROW = 24;
    const links = [...document.querySelectorAll('.item.thing')].flatMap((item) => {
      const name = item.querySelector('.key').textContent;
      const thing = { id: item.id, name, kind: item.querySelector('.pill').textContent };
      return [...item.querySelectorAll('tbody.rows > tr')].map((row) => {
        const link = row.querySelector('a');
        const id = link.getAttribute('href').slice(1);
        const doc = { id, name: link.textContent, kind: link.dataset.kind };
        return { item, row, thing, doc, how: row.dataset.how };
      });
    });
    const hasKinds = new Set(links.map(({ thing }) => thing.kind)).size > 1;
    let centre = null;

    const make = (name, attributes, ...inside) => {
      const element = document.createElementNS(svg.namespaceURI, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.append(...inside);
      return element;
    };
    const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);
    const plural = (number, word) => `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;

    // The nodes of both sides and the lines between them, of what is to be drawn.
    const gather = (some, nodeOf) => {
      const sides = [new Map(), new Map()];
      const lines = new Map();
      for (const link of some) {
        const ends = [link.doc, link.thing].map((end, side) => {
          const { id, name, kind } = nodeOf(end);
          const words = side && hasKinds && !narrow.matches ? `${kind} ${name}` : name;
          const node = sides[side].get(id) ?? { id, name, words, side, ends: new Set() };
          sides[side].set(id, node);
          node.ends.add(end.id);
          return node;
        });
        const key = `${ends[0].id}\n${ends[1].id}`;
        const line = lines.get(key) ?? { ends, hows: new Set() };
        lines.set(key, line);
        line.hows.add(link.how);
      }
      return { sides: sides.map((side) => [...side.values()]), lines: [...lines.values()] };
    };

    redraw = () => {
      let some = links.filter(({ item, row }) => !item.hidden && !row.hidden);
      if (centre) some = links.filter(({ thing, doc }) => thing.id === centre || doc.id === centre);
      const count = (side) => new Set(some.map((link) => link[side].id)).size;
      const [documents, things] = [count('doc'), count('thing')];
      const byKind = documents + things > MOST;
      const kindOf = ({ kind }) => ({ id: kind, name: kind });
      draw(gather(some, byKind ? kindOf : (end) => end), byKind);
      whole.hidden = !centre;
      const told = `${plural(documents, 'document')}, ${plural(things, 'thing')}`;
      drawn.textContent = byKind ? `${told}: drawn by kind. Search, or choose a kind or an entry below` : told;
    };

    function draw({ sides, lines }, byKind) {
      // A node stands as high as those that it is tied to, on average.
      const [left, right] = sides;
      left.forEach((node, at) => { node.at = at; node.sum = 0; node.ties = 0; });
      for (const { ends: [from, to] } of lines) {
        to.sum = (to.sum ?? 0) + from.at;
        to.ties = (to.ties ?? 0) + 1;
      }
      right.sort((a, b) => a.sum / a.ties - b.sum / b.ties || (a.name < b.name ? -1 : 1));
      const height = Math.max(left.length, right.length, 1) * ROW + 16;
      const [width, from, to, most] = narrow.matches ? [350, 146, 204, 19] : [900, 380, 520, 52];
      for (const side of sides) {
        side.forEach((node, at) => { node.y = 8 + ((at + 0.5) * (height - 16)) / side.length; });
      }
      const paths = lines.map(({ ends: [a, b], hows }) => {
        const way = hows.has('defined') ? 'defines' : hows.size === 1 && hows.has('dynamic') ? 'guess' : 'uses';
        const middle = (from + to) / 2;
        const d = `M${from} ${a.y}C${middle} ${a.y} ${middle} ${b.y} ${to} ${b.y}`;
        return { a, b, path: make('path', { d, class: way }) };
      });
      const nodes = sides.flat().map((node) => {
        const x = node.side ? to : from;
        const place = { x: node.side ? x + 10 : x - 10, y: node.y + 4, class: node.side ? 'right' : 'left' };
        const words = byKind ? `${node.name} (${node.ends.size.toLocaleString('en')})` : node.words;
        const link = make(
          'a',
          { href: byKind ? '#graph' : `#${node.id}`, class: node.id === centre ? 'centre' : '' },
          make('title', {}, words),
          make('circle', { cx: x, cy: node.y, r: 4 }),
          make('text', place, cut(words, most)),
        );
        const light = (on) => () => {
          for (const { a, b, path } of paths) {
            if (a === node || b === node) path.classList.toggle('lit', on);
          }
        };
        for (const event of ['mouseenter', 'focus']) link.addEventListener(event, light(true));
        for (const event of ['mouseleave', 'blur']) link.addEventListener(event, light(false));
        link.addEventListener('click', (event) => {
          event.preventDefault();
          choose(node, byKind);
        });
        return link;
      });
      svg.setAttribute('width', width);
      svg.setAttribute('height', height);
      svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
      svg.replaceChildren(...paths.map(({ path }) => path), ...nodes);
    }

    // What was chosen already is shown in the list.
    function choose(node, byKind) {
      if (byKind) {
        centre = null;
        search.value = node.name;
        search.dispatchEvent(new Event('input'));
        search.focus();
      } else if (centre === node.id) {
        location.hash = node.id;
        reveal();
      } else {
        centre = node.id;
        redraw();
        svg.querySelector('.centre')?.focus({ preventScroll: true });
      }
    }
    whole.addEventListener('click', () => {
      centre = null;
      redraw();
      search.focus({ preventScroll: true });
    });
    search.addEventListener('input', () => { centre = null; });
    addEventListener('hashchange', () => {
      const id = location.hash.slice(1);
      if (!links.some(({ thing, doc }) => thing.id === id || doc.id === id)) return;
      centre = id;
      redraw();
    });
    narrow.addEventListener('change', redraw);
    graph.hidden = false;
    redraw();
  }
})();
