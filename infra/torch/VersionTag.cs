using System.Buffers.Binary;
using System.Text;

namespace Mlops.Repair;

/// <summary>
/// Marks one needed symbol version of a 64-bit ELF library as weak: the loader then goes on without it. Layout: Linux
/// Standard Base, section "Symbol Version Requirements" (<c>Elfxx_Verneed</c>, <c>Elfxx_Vernaux</c>).
/// </summary>
internal static class VersionTag
{
    private const uint VersionNeeds = 0x6FFFFFFE;   // SHT_GNU_verneed
    private const ushort Weak = 2;                  // VER_FLG_WEAK

    /// <summary>Copies a library with the flag set; one that does not need that version is copied as it is.</summary>
    public static void MakeWeak(string source, string target, string version)
    {
        var file = File.ReadAllBytes(source);
        if (file.AsSpan(0, 5) is not [0x7F, (byte)'E', (byte)'L', (byte)'F', 2])
            throw new InvalidDataException($"{source} is not a 64-bit ELF library");
        var (sections, size, count) = ((int)UInt64(file, 0x28), UInt16(file, 0x3A), UInt16(file, 0x3C));
        for (var section = 0; section < count; section++)
        {
            var header = sections + (section * size);
            if (UInt32(file, header + 4) == VersionNeeds)
                MarkIn(file, header, sections, size, version);
        }
        File.WriteAllBytes(target, file);
    }

    private static void MarkIn(byte[] file, int header, int sections, int sectionSize, string version)
    {
        var names = (int)UInt64(file, sections + ((int)UInt32(file, header + 40) * sectionSize) + 24);
        var library = (int)UInt64(file, header + 24);
        for (var libraries = UInt32(file, header + 44); libraries > 0; libraries--)
        {
            var entry = library + (int)UInt32(file, library + 8);
            for (var entries = UInt16(file, library + 2); entries > 0; entries--)
            {
                if (Text(file, names + (int)UInt32(file, entry + 8)) == version)
                    BinaryPrimitives.WriteUInt16LittleEndian(
                        file.AsSpan(entry + 4), (ushort)(UInt16(file, entry + 4) | Weak));
                entry += (int)UInt32(file, entry + 12);
            }
            library += (int)UInt32(file, library + 12);
        }
    }

    private static ushort UInt16(byte[] file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    private static uint UInt32(byte[] file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));

    private static long UInt64(byte[] file, int at) => BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));

    private static string Text(byte[] file, int at) =>
        Encoding.ASCII.GetString(file, at, Array.IndexOf(file, (byte)0, at) - at);
}
