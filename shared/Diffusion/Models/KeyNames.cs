namespace Mlops.Diffusion.Models;

/// <summary>
/// Tensor names in weight files: older files call attention weights query, key, value and proj_attn; networks here
/// carry the current to_q, to_k, to_v and to_out.0.
/// </summary>
internal static class KeyNames
{
    private static readonly (string Old, string New)[] Attention =
        [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];

    /// <summary>The current name of a stored tensor.</summary>
    public static string Current(string stored)
    {
        if (!stored.Contains(".attentions.", StringComparison.Ordinal))
            return stored;
        foreach (var (old, current) in Attention)
            if (stored.Contains(old, StringComparison.Ordinal))
                return stored.Replace(old, current, StringComparison.Ordinal);
        return stored;
    }
}
