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
          if (entry.lists.length) entry.item.open = here > 0 && here <= 200;
        } else if (searching) {
          entry.item.open = entry.wasOpen;
        }
        hits += here;
      }
      searching = words.length > 0;
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
      const typing = event.target.matches?.('input:not([type=radio], [type=checkbox])');
      if (typing || event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) return;
      const action = actions[event.key];
      if (action) {
        event.preventDefault();
        action();
      }
    });
  }
})();
