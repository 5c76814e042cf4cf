// Verify FOLDER [DEVICE [PRECISION]]: compares this implementation with the reference fixtures below a folder, one line
// per case; networks compute on the device.
using Mlops.Diffusion.Devices;
using Mlops.Verify;

if (args is not [var folder, .. var place])
    throw new ArgumentException("usage: Verify FOLDER [auto|cpu|cuda|cuda:N [float32|bfloat16]]");
TorchSharp.torch.backends.cudnn.allow_tf32 = false;
var placement = Placement.Create(
    ComputeDevice.Resolve(place.ElementAtOrDefault(0) ?? "cpu"),
    Enum.Parse<Precision>(place.ElementAtOrDefault(1) ?? nameof(Precision.Float32), ignoreCase: true),
    Console.Error.WriteLine);
return FixtureReport.Write(folder, placement, Console.Out, Console.Error);
