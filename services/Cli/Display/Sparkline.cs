using System.Globalization;
using Mlops.Contracts.Evaluations;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>A curve in one line of text; blocks on terminals that have Unicode, ASCII elsewhere.</summary>
public static class Sparkline
{
    private const string Blocks = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588", Ascii = "_.-=+*%#";
    private const int Columns = 40;

    /// <summary>Prints every curve that has a shape: its heights, then its first and last value.</summary>
    public static void Write(IReadOnlyList<Chart> charts, Terminal terminal)
    {
        var heights = terminal.Out.Profile.Capabilities.Unicode ? Blocks : Ascii;
        var curves = (
            from chart in charts
            from series in chart.Series
            let values = series.Y.Where(double.IsFinite).ToList()
            where values.Distinct().Count() > 1
            select (Name: $"{chart.Title}, {series.Name}", Values: values)).ToList();
        var width = curves.Select(curve => curve.Name.Length).DefaultIfEmpty().Max();
        foreach (var (name, values) in curves)
            terminal.Text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name.PadRight(width)}  {Of(values, heights)}  {values[0]:G4} to {values[^1]:G4}"));
    }

    /// <summary>The curve, lowest value to highest; where it has more points than columns, each shows a mean.</summary>
    /// <param name="heights">Characters from low to high.</param>
    public static string Of(IReadOnlyList<double> values, string heights)
    {
        var columns = Math.Min(Columns, values.Count);
        var means = Enumerable.Range(0, columns).Select(column => values
            .Take((column * values.Count / columns)..((column + 1) * values.Count / columns)).Average()).ToList();
        var (low, high) = (means.Min(), means.Max());
        return string.Concat(means.Select(mean =>
            heights[high > low ? (int)Math.Round((mean - low) / (high - low) * (heights.Length - 1)) : 0]));
    }
}
