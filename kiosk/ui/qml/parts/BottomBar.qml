import QtQuick
import "../theme"

// Back and home on the left, the one main act on the right; the places never move.
Item {
    id: bar

    property var page: null
    property bool isMainReady: true
    readonly property real unit: (width - 2 * Theme.margin - 3 * Theme.gap) / 20
    readonly property real leftWidth: Math.floor((Theme.isPortrait ? 4.1 : 3.4) * unit)
    readonly property real aloneWidth: Math.floor((Theme.isPortrait ? 6 : 5) * unit)
    readonly property real secondWidth: Math.floor((Theme.isPortrait ? 5.3 : 4.8) * unit)
    readonly property real mainWidth: Math.floor((Theme.isPortrait ? 6.5 : 5) * unit)
    signal mainActed

    // Where the focus of a keypad begins when the page itself has nothing to choose.
    function firstControl(): var {
        for (const button of [main, second, home, back]) {
            if (button.isLive)
                return button.control;
        }
        return null;
    }

    Button {
        id: back
        action: bar.page ? bar.page.back : null
        kind: "quietline"
        x: Theme.margin
        width: bar.leftWidth
        height: bar.height
        onActed: face.press(action.id)
    }
    Button {
        id: home
        action: bar.page ? bar.page.home : null
        kind: "quietline"
        readonly property bool isAlone: bar.page !== null && bar.page.back === null
        x: isAlone ? Theme.margin : back.x + back.width + Theme.gap
        width: isAlone ? bar.aloneWidth : bar.leftWidth
        height: bar.height
        onActed: face.press(action.id)
    }
    Button {
        id: second
        action: bar.page ? bar.page.second : null
        x: bar.page && bar.page.main === null ? main.x : main.x - Theme.gap - width
        width: bar.page && bar.page.main === null ? bar.mainWidth : bar.secondWidth
        height: bar.height
        onActed: face.press(action.id)
    }
    Button {
        id: main
        action: bar.page ? bar.page.main : null
        kind: "primary"
        isReady: bar.isMainReady
        x: bar.width - Theme.margin - width
        width: bar.mainWidth
        height: bar.height
        onActed: bar.mainActed()
    }
}
