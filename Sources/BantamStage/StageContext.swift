public import BantamModel
import BantamNetwork
public import BantamTensor

/// What a method is given to run and to measure models with.
public struct StageContext {
    /// Where networks are trained and fitted.
    public var device: Device
    /// Runs models that are only asked.
    public var runtime: any Runtime
    /// Measures what targets and limits are given in.
    public var meter: any CostMeter

    /// - Parameter runtime: libtorch where there is none.
    public init(
        device: Device = .cpu, runtime: (any Runtime)? = nil, meter: any CostMeter = StaticCost()
    ) {
        self.device = device
        self.runtime = runtime ?? TorchRuntime(device: device)
        self.meter = meter
    }
}
