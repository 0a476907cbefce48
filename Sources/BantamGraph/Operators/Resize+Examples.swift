extension Resize {
    static var examples: [OperatorExample] {
        let empty = OperatorExample.Input.absent
        let region = OperatorExample.Input.constant(TensorData([8], [0, 0, 0.2, 0.3, 1, 1, 0.7, 1.2] as [Float]))
        func scales(_ scales: Float...) -> OperatorExample.Input { .constant(TensorData([scales.count], scales)) }
        return [
            OperatorExample([[1, 2, 3, 4], empty, scales(1, 1, 2, 3)]),
            // Downwards, where half-pixel coordinates meet ties.
            OperatorExample([[1, 2, 8, 6], empty, scales(1, 1, 0.5, 0.5)]),
            OperatorExample(
                [[1, 2, 4, 5], empty, empty, .ints([1, 2, 7, 3])], attributes: ["mode": .string("linear")]),
            OperatorExample(
                [[1, 2, 4, 5], empty, scales(1, 1, 1.5, 2)],
                attributes: ["mode": .string("linear"), "coordinate_transformation_mode": .string("asymmetric")]),
            // A clip: [N, C, T, H, W].
            OperatorExample(
                [[1, 2, 2, 3, 4], empty, empty, .ints([1, 2, 4, 5, 7])],
                attributes: ["mode": .string("linear"), "coordinate_transformation_mode": .string("align_corners")]),
            OperatorExample([[1, 2, 6, 8], empty, scales(1, 1, 1.5, 0.75)], attributes: ["mode": .string("cubic")]),
            OperatorExample(
                [[1, 2, 6, 8], empty, empty, .ints([1, 2, 4, 10])],
                attributes: [
                    "mode": .string("cubic"), "cubic_coeff_a": .float(-0.5), "exclude_outside": .int(1),
                    "coordinate_transformation_mode": .string("asymmetric"),
                ]),
            OperatorExample(
                [[1, 2, 8, 9], region, empty, .ints([1, 2, 3, 4])],
                attributes: [
                    "mode": .string("linear"), "coordinate_transformation_mode": .string("tf_crop_and_resize"),
                    "extrapolation_value": .float(7),
                ]),
            OperatorExample(
                [[1, 2, 8, 9], empty, empty, .ints([1, 2, 3, 5])],
                attributes: ["mode": .string("linear"), "antialias": .int(1), "exclude_outside": .int(1)]),
        ]
    }
}
