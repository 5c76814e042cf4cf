using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Sinks.Seq;

namespace Mlops.Platform.Telemetry;

/// <summary>
/// Lines in the compact format of Seq, and in each the resource that spans have, so that one query finds both.
/// </summary>
internal sealed class SeqFormatter(TelemetrySource source) : ITextFormatter
{
    private readonly SeqCompactJsonFormatter _compact = new(CultureInfo.InvariantCulture);
    private readonly string _begin = $$"""{"@ra":{{source.ToJson()}},""";

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        _compact.FormatEvent(logEvent, line);
        output.Write(_begin);
        // Without the brace that begins it.
        output.WriteLine(line.ToString().AsSpan(1));
    }
}
