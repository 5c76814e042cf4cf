using System.Buffers.Binary;
using System.Text;

namespace Mlops.Tests.Platform.Telemetry;

/// <summary>The fields of one message of the Protocol Buffers wire format.</summary>
public sealed class Protobuf
{
    private readonly List<(int Number, byte[] Bytes, ulong Value)> _fields = [];

    public Protobuf(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var (bytes, value) = (tag & 7) switch
            {
                0 => ([], Varint(message, ref at)),
                1 => ([], BinaryPrimitives.ReadUInt64LittleEndian(Take(message, ref at, 8))),
                2 => (Take(message, ref at, (int)Varint(message, ref at)), 0UL),
                5 => ([], BinaryPrimitives.ReadUInt32LittleEndian(Take(message, ref at, 4))),
                var type => throw new InvalidDataException($"wire type {type} at byte {at}"),
            };
            _fields.Add(((int)(tag >> 3), bytes, value));
        }
    }

    /// <summary>Whether a field is there.</summary>
    public bool Has(int number) => _fields.Exists(field => field.Number == number);

    /// <summary>The messages of a repeated field.</summary>
    public IEnumerable<Protobuf> All(int number) =>
        _fields.Where(field => field.Number == number).Select(field => new Protobuf(field.Bytes));

    /// <summary>Messages below messages: all of the last number.</summary>
    public IEnumerable<Protobuf> Path(params IEnumerable<int> numbers) => numbers.Aggregate(
        (IEnumerable<Protobuf>)[this], (messages, number) => messages.SelectMany(message => message.All(number)));

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number));

    public string Hex(int number) => Convert.ToHexStringLower(Bytes(number));

    public ulong Number(int number) => _fields.LastOrDefault(field => field.Number == number).Value;

    private byte[] Bytes(int number) => _fields.LastOrDefault(field => field.Number == number).Bytes ?? [];

    private static byte[] Take(byte[] message, ref int at, int count) => message[at..(at += count)];

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
