public import BantamMedia
public import BantamModel

/// Everything that decides a training but the network and the data; stored with the result.
public struct TrainingConfiguration: Codable, Hashable, Sendable {
    public var epochs: Int
    public var batchSize: Int
    public var optimizer: OptimizerConfiguration
    public var schedule: LearningRateSchedule
    /// The largest learning rate where the classifier is fitted before the other layers learn, as ``ClassifierFit`` does with
    /// a model that was trained for other classes; `nil` to let all layers learn from the start.
    public var rateAfterClassifierFit: Double?
    /// Probability mass spread over all classes. Szegedy et al., *Rethinking the Inception Architecture*, CVPR 2016.
    public var labelSmoothing: Double
    /// Decay of the moving average of the weights that is exported instead of them; 0 for none.
    public var averageDecay: Double
    /// Stops early when accuracy on held-out training data no longer improves; without labels, the loss on them.
    public var earlyStopping: EarlyStopping?
    /// Whether the weights of the epoch that does best on held-out samples are kept, and not the last one's.
    public var keepsBest: Bool
    /// With `bfloat16`, weights and reductions stay in float32.
    public var precision: ArithmeticPrecision
    public var augmentation: [Augmentation]
    /// How many augmented views of a sample there are, which the epochs take in turn, so that a teacher is asked about
    /// each once; `nil` for a new one in each epoch. Shen and Xing, *A Fast Knowledge Distillation Framework for Visual
    /// Recognition*, ECCV 2022.
    public var views: Int?
    /// Largest gradient norm; 0 for no limit. Pascanu et al., *On the Difficulty of Training RNNs*, ICML 2013.
    public var gradientClipping: Double
    /// The share of the training after which BatchNorm's statistics and the scales of rounding stay as they are, so that
    /// the weights settle to what will be exported; `nil` for never. Jacob et al., *Quantization and Training of Neural
    /// Networks for Efficient Integer-Arithmetic-Only Inference*, CVPR 2018.
    public var freezeAfter: Double?
    /// Which layers keep their weights; `nil` for none.
    public var freeze: LayerFreeze?
    /// What the learning rate of all layers but the classifier is multiplied by.
    public var backboneRate: Double
    /// What is done about classes of different frequency.
    public var balance: ClassBalancing
    public var seed: UInt64

    public init(
        epochs: Int, batchSize: Int = 128, optimizer: OptimizerConfiguration = .sgd(),
        schedule: LearningRateSchedule = LearningRateSchedule(peak: 0.1), rateAfterClassifierFit: Double? = nil,
        labelSmoothing: Double = 0,
        averageDecay: Double = 0, earlyStopping: EarlyStopping? = nil, keepsBest: Bool = true,
        precision: ArithmeticPrecision = .float32,
        augmentation: [Augmentation] = [], views: Int? = nil, gradientClipping: Double = 0,
        freezeAfter: Double? = nil, freeze: LayerFreeze? = nil, backboneRate: Double = 1,
        balance: ClassBalancing = .none, seed: UInt64 = 0
    ) {
        self.epochs = epochs
        self.batchSize = batchSize
        self.optimizer = optimizer
        self.schedule = schedule
        self.rateAfterClassifierFit = rateAfterClassifierFit
        self.labelSmoothing = labelSmoothing
        self.averageDecay = averageDecay
        self.earlyStopping = earlyStopping
        self.keepsBest = keepsBest
        self.precision = precision
        self.augmentation = augmentation
        self.views = views
        self.gradientClipping = gradientClipping
        self.freezeAfter = freezeAfter
        self.freeze = freeze
        self.backboneRate = backboneRate
        self.balance = balance
        self.seed = seed
    }

    /// Whether what a training of other settings came to can go on with these: all but the epochs are the same.
    func continues(_ other: Self) -> Bool {
        var same = other
        same.epochs = epochs
        return same == self
    }

    /// Whether the training sees the same inputs more than once.
    public var repeatsInputs: Bool { epochs > (augmentation.isEmpty ? 1 : views ?? epochs) }
}

/// An update rule and its constants; the learning rate comes from the schedule.
public enum OptimizerConfiguration: Codable, Hashable, Sendable {
    /// Stochastic gradient descent with Nesterov's momentum. Sutskever et al., ICML 2013.
    case sgd(momentum: Double = 0.9, weightDecay: Double = 5e-4)
    /// Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, ICLR 2019.
    case adamW(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01)
}
