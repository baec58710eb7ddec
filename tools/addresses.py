"""One address of every kind of public page, with the status it answers with: what the checks in tools/ fetch."""

PAGES = {
    "/": 200,
    "/measures/": 200,
    "/measures/?country=ken": 200,
    "/measures/?q=specrum+ghana+2020": 200,
    "/measures/?q=school&country=tuv&year=2019": 200,
    "/suggestions/?q=gha": 200,
    "/measures/zw-potraz-temporary-spectrum-2020/": 200,
    "/countries/": 200,
    "/countries/ken/": 200,
    "/groups/eu/": 200,
    "/topics/": 200,
    "/topics/spectrum/": 200,
    "/types/zero-rating/": 200,
    "/crises/": 200,
    "/crises/covid-19/": 200,
    "/organizations/": 200,
    "/organizations/us-fcc/": 200,
    "/sources/1/": 200,
    "/tags/": 200,
    "/tags/schools/": 200,
    "/about/": 200,
    "/api/v1/": 200,
    "/ar/measures/": 200,
    "/no-such-page/": 404,
    "/measures/?country=xx": 400,
}

# What a first visit may weigh over the wire, in bytes: the page and every file it loads, as brotli sends them.
FIRST_VISIT = {"/": 100_000, "/measures/": 60_000}
