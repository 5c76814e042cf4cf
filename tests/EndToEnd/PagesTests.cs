using Mlops.Tests.Cli;
using Mlops.Tests.EndToEnd.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.EndToEnd;

/// <summary>The pages that runs and comparisons leave, as a browser shows them.</summary>
[Trait("Category", "EndToEnd")]
public sealed class PagesTests : IAsyncLifetime
{
    // Text must stand out from what is behind it by this (WCAG 2.2, 1.4.3).
    private const double LeastContrast = 4.5;

    private static readonly int[] Widths = [390, 768, 1280];

    // What lies behind an element is the nearest ancestor's color that is not transparent.
    private const string Contrasts = """
        (() => {
          const parts = color => color.match(/[\d.]+/g).map(Number);
          const light = color => {
            const [r, g, b] = parts(color).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const behind = element => {
            for (; element; element = element.parentElement) {
              const [r, g, b, a = 1] = parts(getComputedStyle(element).backgroundColor);
              if (a > 0) return `rgb(${r}, ${g}, ${b})`;
            }
            return "rgb(255, 255, 255)";
          };
          return [...document.querySelectorAll("main *")]
            .filter(e => e.checkVisibility() && !e.closest("svg")
              && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .map(e => {
              const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
              const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
              return { text: e.textContent.trim().slice(0, 40), ratio };
            });
        })()
        """;

    private readonly TemporaryFolder _folder = new();
    private Chromium _browser = null!;

    public async Task InitializeAsync()
    {
        if (Chromium.Exists)
            _browser = await Chromium.StartAsync(_folder.File("profile"));
    }

    public async Task DisposeAsync()
    {
        if (Chromium.Exists)
            await _browser.DisposeAsync();
        _folder.Dispose();
    }

    [BrowserFact]
    public async Task Report_of_a_run_is_readable_at_every_width_in_light_and_dark()
    {
        var page = _folder.File("out/report.html");
        await EndsAsync(["run", "stage-laptop", "--out", _folder.File("out"), .. ShortRuns.For("stage-laptop")]);

        await EachLookAsync(page, async () =>
        {
            Assert.True(await IsAsync("document.querySelectorAll('.tile, .heat, .chart, .compare, pre').length > 6"));
            Assert.True(await IsAsync(
                "[...document.querySelectorAll('th')].filter(e => e.textContent === 'pruned')"
                + ".every(e => e.getBoundingClientRect().right <= innerWidth)"));
            Assert.True(await IsAsync(
                "(boundary => { boundary.value = 80; boundary.dispatchEvent(new Event('input'));"
                + "return getComputedStyle(document.querySelector('.picture .pruned')).clipPath.includes('80%') })"
                + "(document.querySelector('.compare input'))"));
        });
    }

    [BrowserFact]
    public async Task Page_of_a_comparison_is_readable_at_every_width_in_light_and_dark()
    {
        await EndsAsync(
            "compare", "--recipes", "fora,fewer-steps", "--out", _folder.File("out"), "--images", "6", "--steps", "6",
            "--truth-steps", "6", "--set", "table.probes=2", "--set", "table.check-probes=2", "--set",
            "evaluation.timing-rounds=1", "--set", "evaluation.loss-images=4");

        await EachLookAsync(_folder.File("out/comparison.html"), async () =>
            Assert.True(await IsAsync("document.querySelectorAll('.chart, table, img').length > 3")));
    }

    private async Task EachLookAsync(string page, Func<Task> look)
    {
        foreach (var width in Widths)
            foreach (var scheme in (string[])["light", "dark"])
            {
                await _browser.OpenAsync(page, width, scheme);
                Assert.True(await IsAsync("document.scrollingElement.scrollWidth <= innerWidth"), $"{width}: wider");
                Assert.True(await IsAsync("[...document.images].every(image => image.naturalWidth > 0)"));
                var contrasts = (await _browser.EvaluateAsync(Contrasts)).AsArray();
                Assert.NotEmpty(contrasts);
                Assert.Empty(contrasts.Where(each => (double)each!["ratio"]! < LeastContrast)
                    .Select(each => $"{width} {scheme}: {each!.ToJsonString()}"));
                await look();
                Assert.Empty(_browser.Complaints());
                Assert.Empty(_browser.Requests());
            }
    }

    private async Task<bool> IsAsync(string expression) => (bool)await _browser.EvaluateAsync(expression);

    private async Task EndsAsync(params string[] arguments)
    {
        var run = await CommandLine.RunAsync([.. arguments, "--home", _folder.File("home")]);
        Assert.True(run.Ended == 0, run.Errors);
    }
}

/// <summary>A test that looks at pages, counted as skipped where no browser is.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (!Chromium.Exists)
            Skip = "no chromium is here; infra/packages.sh browser installs it";
    }
}
