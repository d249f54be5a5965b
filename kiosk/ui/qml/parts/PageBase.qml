import QtQuick

// What every page is: a function of its model. Main gives it its place.
Item {
    property var page: null
    readonly property var body: page ? page.body : null
    property bool isCurrent: false
    // True for pages that draw their own title over the whole area.
    property bool isWhole: false
    // False keeps the main act waiting, for example until a PIN is complete.
    property bool isMainReady: true

    // True for pages on which digits are typed.
    property bool takesDigits: false

    // The main act was released; true when the page itself has sent what it holds.
    function submitMain(action: string): bool {
        return false;
    }

    // A key of a physical keypad; true when the page used it.
    function key(name: string): bool {
        return false;
    }

    // Drop everything that was typed.
    function forget(): void {}
}
