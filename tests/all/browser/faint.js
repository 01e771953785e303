// Text whose contrast with what is behind it is below 4.5 to 1, the least that WCAG asks for.
(() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  // By element, as a page has a hundred thousand texts and far fewer places that they stand in.
  const known = new Map();
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    if (!known.has(element)) {
      const colour = channels(getComputedStyle(element).backgroundColor);
      known.set(element, colour.length === 3 || colour[3] === 1 ? colour : behind(element.parentElement));
    }
    return known.get(element);
  };
  // Asking for styles takes a browser milliseconds in a page of 2,000 things. Elements whose ancestors have the same names and
  // classes look the same: twenty of each are enough, from all over the page.
  const places = new Map([[document.body, '']]);
  const place = (element) => {
    if (!places.has(element)) places.set(element, `${place(element.parentElement)} ${element.tagName}.${element.className}`);
    return places.get(element);
  };
  const alike = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('svg, script')) continue;
    if (!alike.has(place(element))) alike.set(place(element), new Set());
    alike.get(place(element)).add(element);
  }
  const faint = new Set();
  for (const elements of alike.values()) {
    const every = Math.ceil(elements.size / 20);
    for (const element of [...elements].filter((_, index) => index % every === 0)) {
      if (!element.checkVisibility()) continue;
      const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < 4.5) faint.add(`${element.tagName}.${element.className}: ${contrast.toFixed(2)}`);
    }
  }
  return [...faint];
})()
