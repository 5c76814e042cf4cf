using Mlops.Evaluation;
using Mlops.Platform.Hosting;

return await ServiceHost.RunAsync(EvaluationService.Module);
