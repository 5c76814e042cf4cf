using System.Security.Cryptography;
using System.Text;

namespace Mlops.Evaluation.Report;

/// <summary>The frame of a page that needs no other file and no network.</summary>
internal static class Page
{
    private static readonly string Style = Resource("report.css"), Script = Resource("report.js");

    // Nothing is loaded, and no other script than ours runs, whatever the names of models and layers hold.
    private static readonly string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src "
        + $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)))}'";

    /// <summary>The head, up to where the content begins.</summary>
    public static StringBuilder Open(string title) =>
        new StringBuilder("<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>")
            .Append($"<meta http-equiv='Content-Security-Policy' content=\"{Policy}\">")
            .Append("<meta name='viewport' content='width=device-width, initial-scale=1'>")
            .Append($"<title>{Drawing.Escape(title)}</title><style>{Style}</style></head><body><main>");

    /// <summary>A picture as wide as the page, PNG.</summary>
    /// <param name="alternative">What it shows, in words.</param>
    public static StringBuilder AppendImage(StringBuilder page, byte[] png, string alternative) => page
        .Append($"<img class='pairs' alt='{alternative}' src='data:image/png;base64,")
        .Append(Convert.ToBase64String(png)).Append("'>");

    /// <summary>Ends the page and writes it.</summary>
    public static void Close(StringBuilder page, string path) =>
        File.WriteAllText(path, page.Append($"</main><script>{Script}</script></body></html>\n").ToString());

    private static string Resource(string name)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is missing from the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
